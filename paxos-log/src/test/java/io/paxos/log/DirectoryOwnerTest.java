package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.log.segment.Disk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A directory has one owner, which notices when the directory is not its own any more. */
class DirectoryOwnerTest {
    private static final int SLOTS_MAX = 20_000; // far more than a segment
    private static final long NEVER_NS = TimeUnit.HOURS.toNanos(1);

    @TempDir
    Path temporary;

    private Path directory;
    private long acknowledged;

    @BeforeEach
    void nameDirectory() {
        directory = temporary.resolve("log");
    }

    /** Appends until the log fails, each slot after the one before is acknowledged. */
    private void appendUntilFailure(final ChronicleLog log) {
        for (long slot = acknowledged + 1; slot <= SLOTS_MAX; slot++) {
            accept(log, 5, slot);
            syncAndWait(log);
            acknowledged = slot;
        }
    }

    private String openInAnotherProcess() throws IOException {
        return ChildJvm.output(ChildJvm.start(JvmAccessTest.Opener.class, directory.toString()));
    }

    /** POSIX: this drops the locks of the process on the file. */
    private void openAndCloseLockFile() throws IOException {
        FileChannel.open(directory.resolve("LOCK"), StandardOpenOption.WRITE).close();
    }

    private void awaitReserve() {
        TrimTest.await(() -> directory.resolve("RESERVE").toFile().length() == Logs.SEGMENT_BYTES);
    }

    @Nested
    class Two_owners {
        /** F19: the refused one closed the lock file, which unlocked it, and another process came in. */
        @Test
        void a_second_opening_in_the_process_is_refused_and_lets_no_other_process_in() throws IOException {
            try (ChronicleLog log = small(directory).open()) {
                assertThatThrownBy(() -> small(directory).open())
                        .isInstanceOf(LogException.class)
                        .hasMessageContaining("in use by another log in this process");
                final Path link = Files.createSymbolicLink(temporary.resolve("link"), directory);
                assertThatThrownBy(() -> small(link).open())
                        .isInstanceOf(LogException.class)
                        .hasMessageContaining("in use by another log in this process");
                assertThat(openInAnotherProcess()).contains("in use by another process");
                accept(log, 5, 1);
                syncAndWait(log);
            }
            small(directory).open().close();
        }

        /** F19: whatever else the process opens and closes. */
        @Test
        void a_lock_that_the_process_has_dropped_is_taken_again_at_the_next_roll() throws IOException {
            try (ChronicleLog log =
                    small(directory).watermarkIntervalNs(NEVER_NS).open()) {
                for (int round = 1; round <= 3; round++) {
                    openAndCloseLockFile();
                    final int segments = Logs.segments(directory).size();
                    while (Logs.segments(directory).size() == segments) {
                        accept(log, 5, ++acknowledged, new byte[8000]);
                    }
                    assertThat(openInAnotherProcess()).contains("in use by another process");
                }
            }
        }

        /** F19: a log that appends slowly need not wait for a roll. */
        @Test
        void a_lock_that_the_process_has_dropped_is_taken_again_with_the_watermark() throws IOException {
            try (ChronicleLog log = small(directory).watermarkIntervalNs(1).open()) {
                openAndCloseLockFile();
                for (int slot = 1; slot <= 10; slot++) {
                    accept(log, 5, slot);
                    syncAndWait(log);
                }
                assertThat(openInAnotherProcess()).contains("in use by another process");
            }
        }

        /** F19: both wrote, and the directory was refused for ever. */
        @Test
        void a_log_whose_directory_another_process_has_taken_stops_at_the_next_roll()
                throws IOException, InterruptedException {
            try (ChronicleLog log =
                    small(directory).watermarkIntervalNs(NEVER_NS).open()) {
                awaitReserve(); // each slice of it takes the lock again
                openAndCloseLockFile();
                final Process thief = ChildJvm.start(ProcessDeathTest.Writer.class, directory.toString());
                try (BufferedReader output =
                        new BufferedReader(new InputStreamReader(thief.getInputStream(), StandardCharsets.UTF_8))) {
                    assertThat(output.lines()
                                    .filter(line -> line.startsWith("durable"))
                                    .findFirst())
                            .isPresent();
                    assertThatThrownBy(() -> appendUntilFailure(log))
                            .isInstanceOf(LogException.class)
                            .hasMessageContaining("in use by another process as well, so the log stopped");
                } finally {
                    thief.destroyForcibly().waitFor();
                }
            }
        }
    }

    /** What happens to a directory while its log is in use. */
    enum Accident {
        MOVED {
            @Override
            Path happenTo(final Path directory) throws IOException {
                return Files.move(directory, directory.resolveSibling("moved"));
            }
        },
        REPLACED {
            @Override
            Path happenTo(final Path directory) throws IOException {
                final Path moved = MOVED.happenTo(directory);
                Logs.copy(moved, directory);
                return moved;
            }
        },
        EMPTIED {
            @Override
            Path happenTo(final Path directory) throws IOException {
                try (Stream<Path> paths = Files.walk(directory)) {
                    for (final Path path : paths.sorted(Comparator.reverseOrder())
                            .filter(path -> !path.equals(directory))
                            .toList()) {
                        Files.delete(path);
                    }
                }
                return null;
            }
        };

        /** Returns where the files are that the log has opened; null if they are nowhere. */
        abstract Path happenTo(Path directory) throws IOException;
    }

    @Nested
    class A_directory_that_is_gone {
        /** F36: the log went on in a directory made anew, and neither half opened again. */
        @ParameterizedTest
        @EnumSource(Accident.class)
        void is_noticed_at_the_next_roll_and_what_was_acknowledged_still_opens(final Accident accident)
                throws IOException {
            requireStopped(accident, NEVER_NS);
        }

        /** F36: a log that appends slowly need not wait for a roll. */
        @ParameterizedTest
        @EnumSource(Accident.class)
        void is_noticed_with_the_watermark(final Accident accident) throws IOException {
            requireStopped(accident, 1);
        }

        private void requireStopped(final Accident accident, final long watermarkIntervalNs) throws IOException {
            final Path left;
            try (ChronicleLog log =
                    small(directory).watermarkIntervalNs(watermarkIntervalNs).open()) {
                for (int slot = 1; slot <= 10; slot++) {
                    accept(log, 5, slot);
                    syncAndWait(log);
                    acknowledged = slot;
                }
                left = accident.happenTo(directory);
                assertThatThrownBy(() -> appendUntilFailure(log))
                        .isInstanceOf(LogException.class)
                        .hasMessageContaining("directory " + directory + " was moved, replaced or emptied")
                        .hasMessageEndingWith("the others go on without it");
            }
            if (accident != Accident.REPLACED) {
                assertThat(Files.exists(directory.resolve("00000001"))).isFalse();
            }
            if (left != null) {
                try (ChronicleLog log = small(left).open()) {
                    assertThat(log.lastSlot()).isGreaterThanOrEqualTo(acknowledged);
                    for (long slot = 1; slot <= acknowledged; slot++) {
                        assertThat(read(log, slot)).isEqualTo(value(5, slot));
                    }
                }
            }
        }

        /** F36: here it moves while the log is opened, when the thread that forces runs already. */
        @Test
        void ends_the_thread_that_forces_if_the_log_was_not_open_yet() {
            final Set<Thread> before = Thread.getAllStackTraces().keySet();
            final Path moved = temporary.resolve("moved");
            final Disk mover = new Disk() {
                private boolean hasRecord;

                @Override
                public void force(final Path file, final FileChannel channel, final boolean metaData)
                        throws IOException {
                    super.force(file, channel, metaData);
                    hasRecord |= file.toString().endsWith(".cq4");
                }

                @Override
                public void forceDirectory(final Path forced) throws IOException {
                    super.forceDirectory(forced);
                    if (hasRecord && forced.equals(directory)) {
                        Files.move(directory, moved);
                    }
                }
            };
            assertThatThrownBy(() -> small(directory).disk(mover).open())
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("was moved, replaced or emptied");
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> !before.contains(thread))
                            .map(Thread::getName))
                    .doesNotContain("paxos-log-flusher");
            small(moved).open().close();
        }
    }
}
