package io.paxos.log;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts another JVM with the class path of the tests. */
final class ChildJvm {
    /** The {@code java} command of the JDK that runs the tests. */
    static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private ChildJvm() {}

    static Process start(final Class<?> main, final String... arguments) throws IOException {
        return start(List.of(JAVA.toString()), ourFlags(), main, arguments);
    }

    /** {@code java}: the command that starts a JVM, with everything that comes before the options. */
    static Process start(
            final List<String> java, final List<String> options, final Class<?> main, final String... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(java);
        command.add("-XX:TieredStopAtLevel=1"); // it runs for about a second
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** The flags of this JVM that open modules. */
    static List<String> ourFlags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .toList();
    }

    static String output(final Process process) throws IOException {
        try (InputStream output = process.getInputStream()) {
            return new String(output.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
