package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.log.segment.Frames;
import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log knows its disk and each of its openings, and keeps what its replica notes. */
class IdentityTest {
    private static final byte OPENED_TYPE = 1;
    private static final byte[] NOTES = "members 1,2,3".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("log");
    }

    @Nested
    class Openings {
        @Test
        void each_has_a_number_of_its_own_and_all_are_remembered() {
            final long first = openingId(directory(), 1);
            final long second = openingId(directory(), 2);
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(log.openingId(1)).isEqualTo(first).isNotZero();
                assertThat(log.openingId(2)).isEqualTo(second).isNotZero().isNotEqualTo(first);
                assertThat(log.openingId(3)).isNotZero().isNotEqualTo(second);
                assertThat(log.openingId(0)).isZero();
                assertThat(log.openingId(4)).isZero();
            }
        }

        @Test
        void of_a_copy_and_of_its_original_have_different_numbers() throws IOException {
            final long common = openingId(directory(), 1);
            final Path copy = temporary.resolve("copy");
            copy(directory(), copy);
            final long ofOriginal = openingId(directory(), 2);
            try (ChronicleLog log = small(copy).open()) {
                assertThat(log.incarnation()).isEqualTo(2);
                assertThat(log.openingId(1)).isEqualTo(common);
                assertThat(log.openingId(2)).isNotEqualTo(ofOriginal);
            }
        }

        @Test
        void a_torn_last_entry_is_that_of_an_opening_that_nobody_has_seen() throws IOException {
            final long first = openingId(directory(), 1);
            final Path file = directory().resolve("OPENINGS");
            final byte[] entry = Files.readAllBytes(file);
            final byte[] torn = new byte[entry.length + 7];
            System.arraycopy(entry, 0, torn, 0, entry.length);
            torn[entry.length] = 1;
            Files.write(file, torn);
            final long second = openingId(directory(), 2);
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(log.openingId(1)).isEqualTo(first);
                assertThat(log.openingId(2)).isEqualTo(second);
            }
        }

        @Test
        void a_damaged_entry_before_the_last_one_refuses_the_log() throws IOException {
            openingId(directory(), 1);
            openingId(directory(), 2);
            openingId(directory(), 3);
            final Path file = directory().resolve("OPENINGS");
            final byte[] bytes = Files.readAllBytes(file);
            bytes[9] ^= 1;
            Files.write(file, bytes);
            requireRefused(file + " is damaged at byte 0 of 48");
        }

        @Test
        void their_loss_refuses_the_log() throws IOException {
            openingId(directory(), 1);
            final Path file = directory().resolve("OPENINGS");
            Files.delete(file);
            requireRefused(file + " is missing");
        }

        /** A cluster that was closed and is opened by this build goes on. */
        @Test
        void begin_where_a_log_of_an_older_build_is_opened() throws IOException {
            asOfLevel1();
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(log.incarnation()).isEqualTo(2);
                assertThat(log.openingId(1)).isZero();
                assertThat(log.openingId(2)).isNotZero();
                assertThat(log.notes()).isEmpty();
                assertThat(log.promised()).isEqualTo(9);
            }
        }

        private void asOfLevel1() throws IOException {
            final long storageId;
            try (ChronicleLog log = small(directory()).open()) {
                storageId = log.storageId();
                log.promise(9);
                syncAndWait(log);
            }
            Files.delete(directory().resolve("OPENINGS"));
            Frames.resealWatermark(directory().resolve("WATERMARK"), 36, 1);
            for (final Frames.Place place : Frames.of(directory(), storageId)) {
                if (place.type() == OPENED_TYPE) {
                    Frames.resealByte(place, storageId, 64 + 20, 1);
                }
            }
        }
    }

    @Nested
    class Notes {
        @Test
        void are_kept_and_replaced_as_a_whole() {
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(log.notes()).isEmpty();
                log.putNotes(NOTES);
                assertThat(log.notes()).isEqualTo(NOTES);
            }
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(log.notes()).isEqualTo(NOTES);
                log.putNotes(new byte[] {1});
                assertThat(log.notes()).containsExactly(1);
                assertThatThrownBy(() -> log.putNotes(new byte[AcceptorLog.NOTES_LENGTH_MAX + 1]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("8193");
            }
        }

        @Test
        void that_are_lost_refuse_the_log() throws IOException {
            try (ChronicleLog log = small(directory()).open()) {
                log.putNotes(NOTES);
            }
            final Path file = directory().resolve("MEMBERS");
            Files.delete(file);
            requireRefused(file + " is missing");
        }

        @Test
        void an_interrupt_does_not_keep_them_from_being_stored() {
            try (ChronicleLog log = small(directory()).open()) {
                Thread.currentThread().interrupt();
                log.putNotes(NOTES);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(log.notes()).isEqualTo(NOTES);
            }
        }
    }

    @Nested
    class A_log_without_an_owner {
        @Test
        void belongs_to_nobody_until_its_replica_says_so() {
            try (ChronicleLog log = ChronicleLog.open(directory())) {
                assertThat(log.clusterId()).isZero();
                assertThat(log.replica()).isZero();
                accept(log, 1, 1);
            }
            try (ChronicleLog log = ChronicleLog.open(directory(), 42, 3)) {
                assertThat(log.clusterId()).isEqualTo(42);
                assertThat(log.replica()).isEqualTo(3);
                assertThat(log.lastSlot()).isEqualTo(1);
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void may_be_a_log_that_has_one(final boolean isBuilder) {
            small(directory()).open().close();
            try (ChronicleLog log =
                    isBuilder ? ChronicleLog.builder(directory()).open() : ChronicleLog.open(directory())) {
                assertThat(log.clusterId()).isEqualTo(Logs.CLUSTER);
                assertThat(log.replica()).isEqualTo(Logs.REPLICA);
            }
        }
    }

    private void requireRefused(final String start) {
        assertThatThrownBy(() -> small(directory()).open())
                .isInstanceOf(LogException.class)
                .hasMessageStartingWith(start)
                .hasMessageContaining("the others go on without it");
    }

    private static long openingId(final Path directory, final int incarnation) {
        try (ChronicleLog log = small(directory).open()) {
            assertThat(log.incarnation()).isEqualTo(incarnation);
            return log.openingId(incarnation);
        }
    }

    private static void copy(final Path from, final Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (final Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
