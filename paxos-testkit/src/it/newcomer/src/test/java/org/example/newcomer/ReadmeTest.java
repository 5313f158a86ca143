package org.example.newcomer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README shows compiles, runs, and does what it says: copied out of the README, on each JDK. */
class ReadmeTest {
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void the_program_of_the_readme_prints_what_the_readme_says_and_its_flags_leave_no_warning(final int version)
            throws IOException, InterruptedException {
        final Jdk jdk = Jdk.ofVersion(version);
        final Readme readme = Readme.read();
        compile(readme.block("java", "class CounterExample"));
        Files.writeString(directory.resolve("paxos.args"), readme.block("text", "reflect=ALL-UNNAMED"));

        final Jdk.Result result =
                jdk.java(directory, List.of("@paxos.args", "-cp", ownClasses() + CLASS_PATH, "CounterExample"));

        assertThat(result.exitCode()).as("%s", result.err()).isZero();
        assertThat(String.join("\n", result.out()) + "\n").isEqualTo(readme.block("text", "sum 200"));
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void without_the_flags_the_log_names_each_of_those_that_it_needs() throws IOException, InterruptedException {
        compile(Readme.read().block("java", "class CounterExample"));
        final Jdk.Result result =
                Jdk.ofVersion(17).java(directory, List.of("-cp", ownClasses() + CLASS_PATH, "CounterExample"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(String.join("\n", result.err()))
                .contains("--add-opens=java.base/java.lang.reflect=ALL-UNNAMED")
                .contains("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
                .contains("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED")
                .contains("--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");
    }

    /** This project depends on what the README says, and on nothing else of ours. */
    @Test
    void the_coordinates_of_the_readme_are_those_of_this_project() throws IOException {
        final String readme = Readme.read().block("xml", "<artifactId>paxos-log</artifactId>");
        final String pom = withoutSpace(Files.readString(Path.of("pom.xml")));
        assertThat(Pattern.compile("<dependency>.*?</dependency>", Pattern.DOTALL)
                        .matcher(readme)
                        .results()
                        .map(dependency -> withoutSpace(dependency.group())))
                .hasSize(3)
                .allMatch(pom::contains, "is a dependency of this project");
    }

    /** {@code .ci/readme} runs the blocks of {@code sh}; commands in another kind of block would escape it. */
    @Test
    void each_block_of_the_readme_says_what_it_is_and_ci_runs_its_commands() throws IOException {
        final List<String> fences = Readme.read().fences();
        for (int i = 0; i < fences.size(); i += 2) {
            assertThat(fences.get(i)).isIn("sh", "java", "xml", "text");
            assertThat(fences.get(i + 1)).isEmpty();
        }
        assertThat(Readme.script("run")).contains("mvn -B verify", "exec .ci/readme");
    }

    private void compile(final String program) throws IOException {
        final Path source = Files.writeString(directory.resolve("CounterExample.java"), program);
        final int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "--release",
                        "17",
                        "-d",
                        directory.toString(),
                        "-cp",
                        CLASS_PATH,
                        "-Xlint:all,-path",
                        "-Werror",
                        "-proc:none",
                        source.toString());
        assertThat(result).as("the program compiles without a warning").isZero();
    }

    private String ownClasses() {
        return directory + System.getProperty("path.separator");
    }

    private static String withoutSpace(final String text) {
        return text.replaceAll("\\s", "");
    }
}
