package org.example.newcomer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Our jars on the module path: three replicas with the log on disk, and the flags aimed at the modules that need them.
 */
class ModularProgramTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void three_replicas_run_on_the_module_path_with_the_flags_of_the_readme(final int version)
            throws IOException, InterruptedException {
        final List<String> arguments = new ArrayList<>(Readme.read()
                .block("text", "--add-modules=ALL-MODULE-PATH")
                .lines()
                .toList());
        arguments.addAll(
                List.of("-p", modulePath(), "-m", "org.example.modular/org.example.modular.ModularProgram", "data"));

        final Jdk.Result result = Jdk.ofVersion(version).java(directory, arguments);

        assertThat(result.exitCode()).as("%s", result.err()).isZero();
        assertThat(result.out())
                .containsExactly("hello", "hello", "hello", "module org.example.modular, module io.paxos.log");
        assertThat(result.warnings()).isEmpty();
    }

    /** What this project depends on, without its tests and what they need. */
    private static String modulePath() {
        final String separator = System.getProperty("path.separator");
        return Arrays.stream(System.getProperty("java.class.path").split(separator))
                .filter(entry -> !entry.contains("test-classes"))
                .filter(entry -> !entry.matches(".*(junit|assertj|byte-buddy|opentest4j|apiguardian|surefire).*"))
                .collect(Collectors.joining(separator));
    }
}
