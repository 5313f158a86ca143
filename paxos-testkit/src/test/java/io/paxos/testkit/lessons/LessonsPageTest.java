package io.paxos.testkit.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page of lessons and the tests match. */
class LessonsPageTest {
    private static final Path ROOT = Path.of("..");
    private static final Path PAGE = ROOT.resolve("docs/lessons.md");
    private static final int LESSONS = 25;
    private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Map<String, Path> SOURCES = new HashMap<>(); // of the tests of all modules, by file name
    private static final Pattern ISSUE = Pattern.compile("[\\w/-]+ #\\d+|RATIS-\\d+");

    /** One row of the table. */
    record Row(String lesson, String promise, String issues, String heldBy, String notYet) {
        static Row of(final String line) {
            final String[] cells = line.split("\\|", -1);
            assertThat(cells).as(line).hasSize(7);
            return new Row(cells[1].strip(), cells[2].strip(), cells[3].strip(), cells[4].strip(), cells[5].strip());
        }

        /** A row without issues. */
        static Row ofFound(final String line) {
            final String[] cells = line.split("\\|", -1);
            assertThat(cells).as(line).hasSize(6);
            return new Row(cells[1].strip(), cells[2].strip(), "", cells[3].strip(), cells[4].strip());
        }

        @Override
        public String toString() {
            return lesson;
        }
    }

    @BeforeAll
    static void findSources() throws IOException {
        for (final String module : List.of("paxos-core", "paxos-log", "paxos-transport", "paxos-testkit", "examples")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> SOURCES.put(file.getFileName().toString(), file));
            }
        }
    }

    static Stream<Row> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| L") && !line.startsWith("| Lesson"))
                .map(Row::of);
    }

    @Test
    void each_lesson_has_its_row_in_order() throws IOException {
        assertThat(rows().map(Row::lesson))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, LESSONS)
                        .mapToObj(number -> "L" + number)
                        .toList());
    }

    static Stream<Row> found() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("\\| F\\d+ .*"))
                .map(Row::ofFound);
    }

    /** What the trials of this library have found has no issue elsewhere. Its number stays. */
    @ParameterizedTest
    @MethodSource("found")
    void each_test_of_a_fault_that_was_found_exists_and_cites_it(final Row row) throws IOException {
        assertThat(row.promise).isNotEmpty();
        assertThat(row.heldBy).isNotEmpty();
        assertThat(TEST.matcher(row.heldBy).replaceAll("")).isBlank();
        final Matcher test = TEST.matcher(row.heldBy);
        while (test.find()) {
            assertThat(above(test.group(1), test.group(2)))
                    .as("the comment above %s", test.group())
                    .containsPattern("\\b" + row.lesson + "[:,]");
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void a_row_has_a_promise_and_issues_and_names_tests_or_the_missing_feature(final Row row) {
        assertThat(row.promise).isNotEmpty();
        assertThat(row.issues).isNotEmpty();
        assertThat(row.heldBy + row.notYet).isNotEmpty();
        assertThat(TEST.matcher(row.heldBy).replaceAll("")).isBlank();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void each_named_test_exists_and_cites_its_lesson_and_together_they_cite_all_issues(final Row row)
            throws IOException {
        final StringBuilder cited = new StringBuilder();
        final Matcher test = TEST.matcher(row.heldBy);
        while (test.find()) {
            final String above = above(test.group(1), test.group(2));
            assertThat(above).as("the comment above %s", test.group()).containsPattern("\\b" + row.lesson + "[:,]");
            cited.append(above);
        }
        if (!row.heldBy.isEmpty()) {
            assertThat(ISSUE.matcher(row.issues).results().map(issue -> issue.group()))
                    .allSatisfy(issue -> assertThat(cited.toString().replaceAll("\\s+\\*? ?", " "))
                            .containsPattern(issue + "\\b"));
        }
    }

    /** The source between the last empty line above a test and its name. */
    private static String above(final String type, final String method) throws IOException {
        final Path file = SOURCES.get(type + ".java");
        assertThat(file).as("a source of %s", type).isNotNull();
        final List<String> above = new ArrayList<>();
        for (final String line : Files.readAllLines(file)) {
            above.add(line);
            if (line.contains(" void " + method + "(")) {
                return String.join("\n", above);
            }
            if (line.isBlank()) {
                above.clear();
            }
        }
        throw new AssertionError("there is no test " + method + " in " + file);
    }
}
