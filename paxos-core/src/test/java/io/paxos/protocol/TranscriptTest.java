package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the transcripts: text files of commands to a cluster, each followed by what the cluster did.
 *
 * <p>A block is some lines of commands, a line {@code ----}, and the expected lines, up to a blank line. A line that
 * begins with {@code #} is a comment. {@link TranscriptCluster} says which commands there are. After a change that is
 * meant, {@code -Dpaxos.transcripts=rewrite} writes what was seen into the files, and the difference is reviewed.
 */
class TranscriptTest {
    private static final Path SOURCES = Path.of("src/test/resources/io/paxos/protocol/transcripts");
    private static final String RULE = "----";

    /** From the class path, so that it does not matter where the test runs. */
    static Stream<Path> transcripts() throws IOException, URISyntaxException {
        final Path directory =
                Path.of(TranscriptTest.class.getResource("transcripts").toURI());
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void the_protocol_does_what_the_transcript_says(final Path file) throws IOException {
        final String expected = Files.readString(file);
        final String seen = play(expected);
        if ("rewrite".equals(System.getProperty("paxos.transcripts"))) {
            Files.writeString(SOURCES.resolve(file.getFileName()), seen);
        } else {
            assertThat(seen)
                    .as(
                            "%s; if the change is meant: mvn -pl paxos-core test -Dtest=TranscriptTest"
                                    + " -Dpaxos.transcripts=rewrite, and review the difference",
                            file.getFileName())
                    .isEqualTo(expected);
        }
    }

    @Test
    void there_are_transcripts_from_a_plain_election_to_a_take_over_with_gaps() throws IOException, URISyntaxException {
        assertThat(transcripts().map(file -> file.getFileName().toString()))
                .hasSizeGreaterThanOrEqualTo(10)
                .contains("plain-election.txt", "take-over-with-gaps.txt");
    }

    /** The same text, with what each block did in place of what was expected. */
    private static String play(final String text) {
        final TranscriptCluster cluster = new TranscriptCluster();
        final List<String> played = new ArrayList<>();
        boolean isExpected = false;
        for (final String line : text.split("\n", -1)) {
            if (line.equals(RULE)) {
                played.add(line);
                played.addAll(cluster.take());
                isExpected = true;
            } else if (line.isEmpty()) {
                played.add(line);
                isExpected = false;
            } else if (!isExpected) {
                played.add(line);
                if (!line.startsWith("#")) {
                    cluster.run(line);
                }
            }
        }
        assertThat(cluster.take())
                .as("what the last block did, without a rule of ----")
                .isEmpty();
        return String.join("\n", played);
    }
}
