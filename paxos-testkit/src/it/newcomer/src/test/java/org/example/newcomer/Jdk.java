package org.example.newcomer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A JDK of this machine, and programs that run on it.
 *
 * <p>Looked for in {@code java.home}, in the environment variables {@code JAVA_HOME} and {@code JAVA_HOME_25}, and
 * among the neighbours of {@code java.home}.
 */
record Jdk(Path home) {
    private static final long LIMIT_SECONDS = 120;

    /** What a program printed, and how it ended. */
    record Result(int exitCode, List<String> out, List<String> err) {
        /** What the JVM, or a logger without a provider, warned of. */
        List<String> warnings() {
            return err.stream()
                    .filter(line -> line.startsWith("WARNING") || line.contains("warning:") || line.startsWith("SLF4J"))
                    .toList();
        }
    }

    /** The JDK of this version; the test is skipped, and says why, if there is none. */
    static Jdk ofVersion(final int version) throws IOException {
        final Optional<Jdk> found =
                all().stream().filter(jdk -> jdk.version() == version).findFirst();
        assumeTrue(found.isPresent(), "no JDK " + version + " on this machine: set JAVA_HOME_" + version);
        return found.orElseThrow();
    }

    private static List<Jdk> all() throws IOException {
        final Path own = Path.of(System.getProperty("java.home")).toRealPath();
        final List<Path> homes = new ArrayList<>(List.of(own));
        for (final String name : List.of("JAVA_HOME", "JAVA_HOME_17", "JAVA_HOME_25")) {
            if (System.getenv(name) != null) {
                homes.add(Path.of(System.getenv(name)));
            }
        }
        try (Stream<Path> neighbours = Files.list(own.getParent())) {
            neighbours.sorted().forEach(homes::add);
        }
        return homes.stream()
                .filter(home ->
                        Files.isExecutable(home.resolve("bin/java")) && Files.isRegularFile(home.resolve("release")))
                .map(Jdk::new)
                .toList();
    }

    /** 17, 25 and so on; 0 if the JDK does not say. */
    private int version() {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceAll("[^0-9.]", "").replaceAll("\\..*", ""))
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /** Runs {@code java} with these arguments in this directory, and waits for its end. */
    Result java(final Path directory, final List<String> arguments) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/java").toString());
        command.addAll(arguments);
        final Path out = directory.resolve("out.txt");
        final Path err = directory.resolve("err.txt");
        final ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS"); // the JVM would tell of it
        final Process process = builder.start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end within " + LIMIT_SECONDS + " s: " + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
    }
}
