package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A value that was accepted lately is read from memory, and each value is the right one wherever it is read. */
class RecentValuesTest {
    @TempDir
    Path directory;

    /** The memory holds some 300 records, so they move often; a segment holds about 1,100. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, Integer.MAX_VALUE})
    void every_value_is_right_whether_it_is_gathered_written_or_in_a_file_alone(final int syncEvery) {
        try (ChronicleLog log = small(directory).open()) {
            for (long slot = 1; slot <= 5000; slot++) {
                accept(log, 5, slot);
                if (slot % syncEvery == 0) {
                    log.sync();
                }
                for (final long back : new long[] {0, 1, 13, 150, 320, 900, 2500}) {
                    if (back < slot) {
                        assertThat(read(log, slot - back)).isEqualTo(value(5, slot - back));
                    }
                }
            }
        }
    }

    @Test
    void the_longest_values_move_too() {
        try (ChronicleLog log = small(directory).open()) {
            for (long slot = 1; slot <= 200; slot++) {
                final byte[] longest = new byte[Logs.VALUE_LENGTH_MAX];
                longest[0] = (byte) slot;
                longest[longest.length - 1] = (byte) slot;
                log.accept(5, slot, 0, new UnsafeBuffer(longest), 0, longest.length);
                assertThat(read(log, slot)).isEqualTo(longest);
            }
        }
    }

    @Test
    void a_value_accepted_lately_needs_no_file() throws Exception {
        try (ChronicleLog log = small(directory).open()) {
            for (long slot = 1; slot <= 50; slot++) {
                accept(log, 5, slot);
            }
            syncAndWait(log);
            final Path file = Logs.segments(directory).get(0);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(100);
            }
            for (long slot = 1; slot <= 50; slot++) {
                assertThat(read(log, slot)).isEqualTo(value(5, slot));
            }
        }
    }

    @Test
    void a_reader_must_not_append_because_its_view_could_move() {
        try (ChronicleLog log = small(directory).open()) {
            accept(log, 5, 1);
            log.read(1, (slot, ballot, buffer, offset, length) -> {
                assertThatThrownBy(() -> log.accept(6, 2, 0, buffer, offset, length))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("must not append");
                assertThatThrownBy(() -> log.promise(6)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> log.promise(6, 3)).isInstanceOf(IllegalStateException.class);
            });
            accept(log, 6, 2);
            assertThat(read(log, 2)).isEqualTo(value(6, 2));
        }
    }
}
