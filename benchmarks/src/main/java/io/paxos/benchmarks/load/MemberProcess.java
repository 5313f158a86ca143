package io.paxos.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A {@link MemberMain} in a process of its own. Sends it orders, receives its lines, and kills it. The process ends
 * soon after this one, also when this one is killed.
 */
final class MemberProcess implements AutoCloseable {
    private static final int FIRST_TO_WARN = 24;
    private static final long END_WITHIN_S = 10;

    private final int id;
    private final Process process;
    private final Writer orders;
    private final Thread listener;

    /** {@code receiver} gets each line, on a thread of its own. */
    MemberProcess(
            final int id,
            final Map<Integer, InetSocketAddress> addresses,
            final Path directory,
            final PaxosMember.Options options,
            final Consumer<String> receiver)
            throws IOException {
        this.id = id;
        final List<String> command = java(List.of("-Xms768m", "-Xmx768m"));
        command.add(MemberMain.class.getName());
        command.addAll(List.of(
                String.valueOf(id),
                MemberMain.argument(addresses),
                directory.toString(),
                options.durability().name(),
                String.valueOf(options.heartbeatNs()),
                String.valueOf(options.patience()),
                String.valueOf(options.followerLingerNs()),
                String.valueOf(options.commandLingerNs()),
                String.valueOf(options.keeping().snapshotBytes()),
                String.valueOf(options.keeping().logTailBytes()),
                String.valueOf(options.keeping().maxLogBytes()),
                String.valueOf(options.keeping().stateBytes())));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "kill"));
        orders = process.outputWriter(StandardCharsets.UTF_8);
        listener = new Thread(() -> listen(receiver), "lines-of-" + id);
        listener.setDaemon(true);
        listener.start();
    }

    /** How to start another class of this program: the same Java and class path, with the flags of the manifest. */
    static List<String> java(final List<String> arguments) {
        final List<String> java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= FIRST_TO_WARN) {
            java.add("--sun-misc-unsafe-memory-access=allow"); // silences a warning about Chronicle; a manifest cannot
        }
        java.addAll(List.of(
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel="
                        + System.getProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn")));
        java.addAll(arguments);
        java.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return java;
    }

    private void listen(final Consumer<String> receiver) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                receiver.accept(line);
            }
        } catch (final IOException e) {
            receiver.accept("gone " + e); // the pipe broke
        }
        receiver.accept("gone");
    }

    long pid() {
        return process.pid();
    }

    void tell(final String order) {
        try {
            orders.write(order + "\n");
            orders.flush();
        } catch (final IOException e) {
            throw new UncheckedIOException("replica " + id + " has ended", e);
        }
    }

    /** Sends SIGKILL. Returns when, in {@code System.nanoTime}, which all processes of a Linux machine share. */
    long kill() {
        final long nowNs = System.nanoTime();
        process.destroyForcibly();
        return nowNs;
    }

    /** Kills the process if it runs, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(END_WITHIN_S, TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " cannot be killed");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a replica was being killed", e);
        }
    }
}
