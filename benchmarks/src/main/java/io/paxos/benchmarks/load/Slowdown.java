package io.paxos.benchmarks.load;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Stops and continues a process by SIGSTOP and SIGCONT, so that it runs only a part of each second, until closed. */
final class Slowdown implements AutoCloseable {
    private static final String SCRIPT = "while kill -STOP $0; do sleep $1; kill -CONT $0; sleep $2; done";
    private static final long END_WITHIN_S = 10;

    private final long pid;
    private final Process alternating;

    /** The process runs {@code percent} of the time, 1..99. */
    Slowdown(final long pid, final int percent) throws IOException {
        this.pid = pid;
        alternating = new ProcessBuilder(
                        "sh", "-c", SCRIPT, String.valueOf(pid), seconds(100 - percent), seconds(percent))
                .start();
    }

    private static String seconds(final int percent) {
        return String.format(Locale.ROOT, "%.2f", percent / 100.0);
    }

    @Override
    public void close() throws IOException {
        alternating.destroyForcibly();
        try {
            if (!alternating.waitFor(END_WITHIN_S, TimeUnit.SECONDS)
                    || new ProcessBuilder("kill", "-CONT", String.valueOf(pid))
                                    .start()
                                    .waitFor()
                            != 0) {
                throw new IllegalStateException("process " + pid + " cannot be continued");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while continuing process " + pid, e);
        }
    }
}
