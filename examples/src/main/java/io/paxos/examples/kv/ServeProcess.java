package io.paxos.examples.kv;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One {@code serve} in a process of its own, to be started, watched and killed. */
final class ServeProcess implements AutoCloseable {
    private static final int FIRST_TO_WARN = 24;
    private static final String READY = " is up: ";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<String> command;
    private final InetSocketAddress resp;
    private final Path output;
    private Process process;

    /**
     * Starts nothing yet.
     *
     * @param java how to start the program, up to and without {@code serve}
     * @param arguments those of {@code serve}
     * @param resp where it will listen for clients
     * @param output where what it prints is kept, all starts in one file
     */
    ServeProcess(
            final List<String> java, final List<String> arguments, final InetSocketAddress resp, final Path output) {
        this.command = new ArrayList<>(java);
        this.command.add("serve");
        this.command.addAll(arguments);
        this.resp = resp;
        this.output = output;
    }

    /** How to start this program once more: the same Java, class path, and packages opened as in its manifest. */
    static List<String> sameProgram() {
        final List<String> java = java();
        java.addAll(List.of(
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                PaxosKv.class.getName()));
        return java;
    }

    /**
     * This Java; a newer one does not print its own warning about Chronicle's use of Unsafe, which no manifest can
     * stop.
     */
    static List<String> java() {
        final List<String> java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= FIRST_TO_WARN) {
            java.add("--sun-misc-unsafe-memory-access=allow");
        }
        return java;
    }

    void start() throws IOException {
        final File file = output.toFile();
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file))
                .start();
        process.getOutputStream().close();
    }

    /** Whether it has printed that it is up, or has ended, since its last start and within the limit. */
    boolean awaitReady(final Duration limit, final int starts) {
        Await.until(limit, () -> !process.isAlive() || timesReady() >= starts);
        return process.isAlive() && timesReady() >= starts;
    }

    private int timesReady() {
        return output().split(READY, -1).length - 1;
    }

    /** All that it has printed. */
    String output() {
        try {
            return Files.exists(output) ? Files.readString(output) : "";
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress resp() {
        return resp;
    }

    RespClient connect() throws IOException {
        return new RespClient(resp, PATIENCE);
    }

    boolean alive() {
        return process != null && process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL; returns when it is gone. */
    void kill() {
        process.destroyForcibly();
        awaitEnd(PATIENCE);
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Its exit code, or -1 if it has not ended within the limit. */
    int awaitEnd(final Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    /** Kills it if it runs. */
    @Override
    public void close() {
        if (alive()) {
            kill();
        }
    }
}
