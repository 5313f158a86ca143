package io.paxos.examples.kv;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged program, and other programs, as a user on a command line starts them. */
final class Jar {
    private static final Path PATH = Path.of(System.getProperty("paxos.kv.jar", "target/paxos-kv.jar"));

    private Jar() {}

    /** What a program printed, and how it ended. */
    record Run(int exitCode, String out, String err, Duration took) {}

    /** {@code java -jar paxos-kv.jar}. */
    static List<String> command() {
        return with("-jar", path());
    }

    /** The same, with so much heap, such as 64m. */
    static List<String> commandWithHeap(final String size) {
        return with("-Xmx" + size, "-jar", path());
    }

    /** The same, with its temporary files in a directory that the test removes. */
    static List<String> commandWithTemp(final Path dir) {
        return with("-Djava.io.tmpdir=" + dir, "-jar", path());
    }

    /** The same class, started in a way that leaves the manifest out. */
    static List<String> commandWithoutManifest() {
        return with("-cp", path(), PaxosKv.class.getName());
    }

    private static List<String> with(final String... arguments) {
        final List<String> java = ServeProcess.java();
        java.addAll(List.of(arguments));
        return java;
    }

    private static String path() {
        if (!Files.exists(PATH)) {
            throw new IllegalStateException("no " + PATH.toAbsolutePath() + ": run mvn package first");
        }
        return PATH.toAbsolutePath().toString();
    }

    static Run run(final Duration limit, final List<String> command, final String... arguments) throws IOException {
        final List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(arguments));
        final Path out = Files.createTempFile("paxos-it-", ".out");
        final Path err = Files.createTempFile("paxos-it-", ".err");
        final long beganNs = System.nanoTime();
        final Process process = new ProcessBuilder(whole)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(
                        whole + " did not end within " + limit + ": " + Files.readString(out) + Files.readString(err));
            }
            final Duration took = Duration.ofNanos(System.nanoTime() - beganNs);
            return new Run(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8),
                    took);
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }
}
