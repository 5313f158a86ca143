package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.readString;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static io.paxos.log.TrimTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.segment.FaultyDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk stops nothing for good: what finds no space waits, and nobody is told that it is durable. */
class FullDiskTest {
    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void begin() {
        directory = temporary.resolve("log");
    }

    private final FaultyDisk disk = new FaultyDisk();

    private ChronicleLog open() {
        return small(directory).disk(disk).open();
    }

    /** F20: a full disk ended the replica although nothing was lost. */
    @Test
    void records_that_find_no_space_wait_and_are_durable_once_there_is_some() {
        try (ChronicleLog log = open()) {
            accept(log, 5, 1, "one");
            syncAndWait(log);
            final long durable = log.durablePosition();
            disk.fillUp();
            accept(log, 6, 1, "another");
            accept(log, 6, 2, "two");
            for (int turn = 0; turn < 3; turn++) {
                assertThat(log.sync()).isZero();
                assertThat(log.isFull()).isTrue();
                assertThat(log.hasRoomFor(0)).isFalse();
                assertThat(log.durablePosition()).isEqualTo(durable);
                assertThat(readString(log, 1)).isEqualTo("another");
                assertThat(readString(log, 2)).isEqualTo("two");
            }
            disk.freeUp();
            syncAndWait(log);
            assertThat(log.hasRoomFor(0)).isTrue();
            await(() -> !log.isFull());
        }
        try (ChronicleLog log = open()) {
            assertThat(readString(log, 1)).isEqualTo("another");
            assertThat(readString(log, 2)).isEqualTo("two");
        }
    }

    @Test
    void a_log_that_is_closed_while_it_waits_for_space_keeps_what_was_durable() {
        try (ChronicleLog log = open()) {
            accept(log, 5, 1, "one");
            syncAndWait(log);
            disk.fillUp();
            accept(log, 6, 2, "two");
            assertThat(log.sync()).isZero();
        }
        disk.freeUp();
        try (ChronicleLog log = open()) {
            assertThat(readString(log, 1)).isEqualTo("one");
            assertThat(log.acceptedBallot(2)).isIn(0L, 6L); // half of the write is on disk
        }
    }

    /** L17: etcd #3068, etcd #5518, chronicle-queue #1282: a full disk is noticed before the records need the space. */
    @Test
    void a_segment_that_cannot_be_made_takes_no_room_from_the_one_before_and_the_log_goes_on_later() {
        long slot = 1;
        try (ChronicleLog log = open()) {
            disk.failZeros();
            for (; log.hasRoomFor(300); slot++) {
                accept(log, 5, slot);
                syncAndWait(log);
            }
            assertThat(slot).isGreaterThan(500);
            assertThat(log.isFull()).isTrue();
            assertThat(log.hasRoomFor(300)).isFalse();
        }
        try (ChronicleLog log = small(directory).open()) {
            for (long acknowledged = 1; acknowledged < slot; acknowledged++) {
                assertThat(read(log, acknowledged)).isEqualTo(value(5, acknowledged));
            }
            assertThat(log.hasRoomFor(300)).isTrue();
            await(() -> Files.exists(directory.resolve("RESERVE")));
            assertThat(log.isFull()).isFalse();
        }
    }

    @Test
    void a_promise_and_the_longest_value_still_fit_when_a_write_finds_no_space() {
        final byte[] longest = new byte[Logs.VALUE_LENGTH_MAX];
        for (int filled = 0; filled < 300; filled += 7) {
            directory = temporary.resolve("run" + filled);
            disk.freeUp();
            try (ChronicleLog log = open()) {
                long slot = 1;
                for (; slot <= filled; slot++) {
                    accept(log, 5, slot);
                }
                disk.fillUp();
                long ballot = 6;
                for (; log.hasRoomFor(longest.length); slot++) {
                    log.promise(++ballot);
                    accept(log, ballot, slot, longest);
                }
                assertThat(log.promised()).isEqualTo(ballot);
                assertThat(read(log, slot - 1)).isEqualTo(longest);
                assertThat(log.sync()).isZero();
                disk.freeUp();
                syncAndWait(log);
                assertThat(read(log, slot - 1)).isEqualTo(longest);
            }
        }
    }

    @Test
    void notes_and_the_bottom_of_the_log_take_what_was_set_aside() {
        try (ChronicleLog log = open()) {
            log.promise(9);
            for (int slot = 1; slot <= 3000; slot++) {
                accept(log, 5, slot);
            }
            syncAndWait(log);
            await(() -> Files.exists(directory.resolve("RESERVE")));
            disk.fillUp();
            log.trim(2000);
            await(log::isFull);
            assertThat(directory.resolve("RESERVE")).doesNotExist();
            disk.freeUp();
            await(() -> Files.exists(directory.resolve("BOTTOM")));
            await(() -> !log.isFull());
        }
    }
}
