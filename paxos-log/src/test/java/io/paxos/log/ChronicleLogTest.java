package io.paxos.log;

import static io.paxos.log.Logs.OPENED;
import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.readString;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleLogTest {
    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("log");
    }

    @Nested
    class Remembering {
        @Test
        void an_empty_log_remembers_nothing_but_that_it_was_opened() {
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(log.replica()).isEqualTo(Logs.REPLICA);
                assertThat(log.incarnation()).isEqualTo(1);
                assertThat(log.promised()).isZero();
                assertThat(log.promised(1)).isZero();
                assertThat(log.firstSlot()).isEqualTo(1);
                assertThat(log.lastSlot()).isZero();
                assertThat(log.chosenThrough()).isZero();
                assertThat(log.acceptedBallot(1)).isZero();
                assertThat(log.read(1, (slot, ballot, buffer, offset, length) -> {}))
                        .isEqualTo(AcceptorLog.ReadResult.ABSENT);
                assertThat(log.sync()).isZero();
                assertThat(log.durablePosition()).isEqualTo(log.appendedPosition());
                assertThat(log.durability()).isEqualTo("sync");
            }
        }

        @Test
        void promises_and_values_survive_reopening() {
            final long storageId;
            try (ChronicleLog log = small(directory()).open()) {
                storageId = log.storageId();
                log.promise(5);
                accept(log, 5, 1, "one");
                log.accept(6, 2, 1, new UnsafeBuffer("xtwox".getBytes(StandardCharsets.UTF_8)), 1, 3);
                log.promise(9, 2);
            }
            for (int opening = 2; opening <= 4; opening++) {
                try (ChronicleLog log = small(directory()).open()) {
                    assertThat(log.incarnation()).isEqualTo(opening);
                    assertThat(log.storageId()).isEqualTo(storageId);
                    assertThat(log.promised()).isEqualTo(5);
                    assertThat(log.promised(1)).isEqualTo(5);
                    assertThat(log.promised(2)).isEqualTo(9);
                    assertThat(log.promised(3)).isEqualTo(5);
                    assertThat(log.lastSlot()).isEqualTo(2);
                    assertThat(log.chosenThrough()).isEqualTo(1);
                    assertThat(log.acceptedBallot(1)).isEqualTo(5);
                    assertThat(log.acceptedBallot(2)).isEqualTo(6);
                    assertThat(readString(log, 1)).isEqualTo("one");
                    assertThat(readString(log, 2)).isEqualTo("two");
                    assertThat(read(log, 3)).isNull();
                }
            }
        }

        @Test
        void a_value_just_appended_can_be_read_before_it_is_durable() {
            try (ChronicleLog log = small(directory()).open()) {
                accept(log, 5, 1, "one");
                assertThat(readString(log, 1)).isEqualTo("one");
            }
        }

        @Test
        void an_empty_value_is_a_value() {
            try (ChronicleLog log = small(directory()).open()) {
                accept(log, 5, 1, "");
                assertThat(readString(log, 1)).isEmpty();
            }
        }

        @Test
        void a_value_accepted_in_a_higher_ballot_replaces_the_one_before() {
            try (ChronicleLog log = small(directory()).open()) {
                accept(log, 5, 1, "one");
                accept(log, 8, 1, "another");
                assertThat(log.acceptedBallot(1)).isEqualTo(8);
                assertThat(log.promised(1)).isEqualTo(8);
                assertThat(log.promised()).isZero();
                assertThat(readString(log, 1)).isEqualTo("another");
            }
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(log.acceptedBallot(1)).isEqualTo(8);
                assertThat(readString(log, 1)).isEqualTo("another");
            }
        }

        @Test
        void slots_may_be_far_apart_and_come_in_any_order() {
            final long[] slots = {1L << 40, 3, Long.MAX_VALUE, 1, 64, 63, 1L << 33};
            try (ChronicleLog log = small(directory()).open()) {
                for (final long slot : slots) {
                    accept(log, 5, slot, "slot " + slot);
                }
            }
            try (ChronicleLog log = small(directory()).open()) {
                for (final long slot : slots) {
                    assertThat(readString(log, slot)).isEqualTo("slot " + slot);
                }
                assertThat(log.acceptedBallot(2)).isZero();
                assertThat(log.acceptedBallot((1L << 40) + 1)).isZero();
                assertThat(log.lastSlot()).isEqualTo(Long.MAX_VALUE);
            }
        }

        @Test
        void segments_of_an_opening_grow_and_are_read_again() throws IOException {
            final byte[] value = new byte[1 << 20];
            final int slots = 60;
            final ChronicleLogBuilder usual = ChronicleLog.builder(directory(), 1, 1);
            try (ChronicleLog log = usual.open()) {
                for (int slot = 1; slot <= slots; slot++) {
                    value[value.length - 1] = (byte) slot;
                    accept(log, 5, slot, value);
                    log.sync();
                }
            }
            assertThat(Logs.segments(directory())).hasSize(3);
            try (ChronicleLog log = usual.open()) {
                for (int slot = 1; slot <= slots; slot++) {
                    assertThat(read(log, slot)).hasSize(value.length).endsWith((byte) slot);
                }
            }
        }

        @Test
        void values_are_kept_over_many_segments() throws IOException {
            final int slots = 20_000;
            try (ChronicleLog log = small(directory()).open()) {
                for (int slot = 1; slot <= slots; slot++) {
                    accept(log, 5, slot);
                    if (slot % 100 == 0) {
                        log.sync();
                    }
                }
                syncAndWait(log);
                requireAll(log, slots);
            }
            assertThat(Logs.segments(directory())).hasSizeGreaterThan(15);
            try (ChronicleLog log = small(directory()).open()) {
                requireAll(log, slots);
                assertThat(log.appendedPosition()).isGreaterThan(slots);
            }
        }

        @Test
        void a_value_of_the_greatest_length_fits_and_a_longer_one_is_refused_without_harm() {
            final byte[] longest = new byte[Logs.VALUE_LENGTH_MAX];
            longest[longest.length - 1] = 42;
            try (ChronicleLog log = small(directory()).open()) {
                for (int slot = 1; slot <= 200; slot++) {
                    accept(log, 5, slot, longest);
                }
                final long position = log.appendedPosition();
                assertThatThrownBy(() -> accept(log, 5, 201, new byte[longest.length + 1]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("valueLengthMax");
                assertThat(log.appendedPosition()).isEqualTo(position);
                accept(log, 5, 201, longest);
                for (int slot = 1; slot <= 201; slot++) {
                    assertThat(read(log, slot)).isEqualTo(longest);
                }
            }
        }

        @Test
        void a_log_can_be_reopened_with_a_smaller_greatest_length() {
            try (ChronicleLog log = small(directory()).open()) {
                accept(log, 5, 1, new byte[5000]);
            }
            try (ChronicleLog log = small(directory()).valueLengthMax(100).open()) {
                assertThat(read(log, 1)).hasSize(5000);
            }
        }

        private void requireAll(final ChronicleLog log, final int slots) {
            for (int slot = 1; slot <= slots; slot++) {
                if (!Arrays.equals(value(5, slot), read(log, slot))) {
                    throw new AssertionError("slot " + slot);
                }
            }
        }
    }

    @Nested
    class Misuse {
        @Test
        void a_promise_never_falls() {
            try (ChronicleLog log = small(directory()).open()) {
                log.promise(5);
                assertThatThrownBy(() -> log.promise(4)).isInstanceOf(IllegalArgumentException.class);
                log.promise(9, 1);
                assertThatThrownBy(() -> log.promise(8, 1)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> log.promise(4, 2)).isInstanceOf(IllegalArgumentException.class);
                log.promise(5);
            }
        }

        @Test
        void a_reader_that_reads_on_is_refused_and_its_view_dies_with_the_call() {
            try (ChronicleLog log = small(directory()).open()) {
                accept(log, 5, 1, "one");
                final AtomicReference<DirectBuffer> kept = new AtomicReference<>();
                log.read(1, (slot, ballot, buffer, offset, length) -> {
                    kept.set(buffer);
                    assertThatThrownBy(() -> read(log, 1)).isInstanceOf(IllegalStateException.class);
                });
                assertThat(kept.get().capacity()).isZero();
                assertThat(readString(log, 1)).isEqualTo("one");
            }
        }

        @Test
        void a_closed_log_says_so_and_can_be_closed_again() {
            final ChronicleLog log = small(directory()).open();
            log.close();
            log.close();
            assertThatThrownBy(log::sync)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThatThrownBy(() -> log.promise(1)).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void settings_that_do_not_fit_are_refused() {
            assertThatThrownBy(() -> small(directory()).segmentBytes(1000).open())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at least");
            for (final int replicaId : new int[] {-1, 1 << 16}) {
                assertThatThrownBy(() -> ChronicleLog.open(directory(), 1, replicaId))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("1..65535");
            }
            assertThatThrownBy(() -> small(directory()).epoch(0).open())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("an epoch is positive: 0");
            assertThat(Files.exists(directory())).isFalse();
        }
    }

    @Nested
    class Opening {
        /** L16: aeron #1533, rabbitmq #15725: data of one node under the name of another. */
        @Test
        void a_log_of_another_cluster_or_replica_is_refused() {
            small(directory()).open().close();
            assertThatThrownBy(() -> ChronicleLog.open(directory(), 8, 3))
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("cluster 7, not of replica 3 of cluster 8");
            assertThatThrownBy(() -> ChronicleLog.open(directory(), 7, 4))
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("replica 3 of cluster 7, not of replica 4");
            small(directory()).open().close();
        }

        @Test
        void a_directory_in_use_is_refused() {
            final ChronicleLog log = small(directory()).open();
            assertThatThrownBy(() -> small(directory()).open())
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("is in use by");
            log.close();
            small(directory()).open().close();
        }

        @Test
        void a_directory_that_we_create_is_for_our_eyes_only() throws IOException {
            small(directory()).open().close();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
                    .isEqualTo("rwx------");
        }

        @Test
        void what_another_process_left_in_the_way_of_chronicle_does_no_harm() throws IOException {
            try (ChronicleLog log = small(directory()).open()) {
                accept(log, 5, 1, "one");
            }
            for (final Path segment : Logs.segments(directory())) {
                Files.write(segment.resolveSibling("metadata.cq4t"), new byte[] {1, 2, 3});
                Files.write(segment.resolveSibling("19990101F.precreated"), new byte[] {1, 2, 3});
            }
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(readString(log, 1)).isEqualTo("one");
            }
        }

        @Test
        void chronicle_itself_reads_as_many_records_as_it_was_given() {
            final long records;
            try (ChronicleLog log = small(directory()).open()) {
                for (int slot = 1; slot <= 5000; slot++) {
                    accept(log, 5, slot);
                }
                records = log.appendedPosition() - 1;
            }
            long read = 0;
            try (ChronicleQueue queue = SingleChronicleQueueBuilder.binary(
                                    directory().resolve("00000001"))
                            .rollCycle(RollCycles.FAST_DAILY)
                            .build();
                    ExcerptTailer tailer = queue.createTailer()) {
                while (tailer.readBytes(bytes -> {})) {
                    read++;
                }
            }
            assertThat(read).isEqualTo(records);
        }

        @Test
        void restarts_do_not_use_up_a_segment_each() throws IOException {
            for (int i = 0; i < 5; i++) {
                try (ChronicleLog log = small(directory()).open()) {
                    accept(log, 5, 1, "one");
                }
            }
            for (final Path segment : Logs.segments(directory()).subList(0, 4)) {
                assertThat(Files.size(segment)).isLessThan(80 << 10);
            }
        }

        @Test
        void an_interrupted_thread_opens_appends_rolls_reads_and_closes_and_stays_interrupted() {
            Thread.currentThread().interrupt();
            try (ChronicleLog log = small(directory()).open()) {
                for (int slot = 1; slot <= 3000; slot++) {
                    accept(log, 5, slot);
                }
                for (int slot = 1; slot <= 3000; slot++) {
                    assertThat(read(log, slot)).isEqualTo(value(5, slot));
                }
            }
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Nested
    class Threads {
        @Test
        void one_thread_may_open_the_log_another_use_it_and_a_third_close_it() throws Exception {
            final ChronicleLog log = small(directory()).open();
            final AtomicReference<Throwable> thrown = new AtomicReference<>();
            final Thread replica = new Thread(() -> {
                for (int slot = 1; slot <= 3000; slot++) {
                    accept(log, 5, slot);
                }
                syncAndWait(log);
            });
            replica.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
            replica.start();
            replica.join();
            assertThat(thrown.get()).isNull();
            log.close();
            try (ChronicleLog again = small(directory()).open()) {
                assertThat(again.lastSlot()).isEqualTo(3000);
            }
        }

        @Test
        void whoever_waits_for_durability_is_woken() throws InterruptedException {
            try (ChronicleLog log = small(directory()).open()) {
                final CountDownLatch woken = new CountDownLatch(1);
                log.onDurable(woken::countDown);
                accept(log, 5, 1);
                log.sync();
                woken.await();
                assertThat(log.durablePosition()).isEqualTo(log.appendedPosition());
            }
        }
    }

    @Nested
    class Replicated {
        @Test
        void is_durable_as_soon_as_synced() {
            try (ChronicleLog log =
                    small(directory()).durability(Durability.REPLICATED).open()) {
                assertThat(log.durability()).isEqualTo("replicated");
                accept(log, 5, 1);
                assertThat(log.durablePosition()).isEqualTo(OPENED + 1);
                log.sync();
                assertThat(log.durablePosition()).isEqualTo(log.appendedPosition());
            }
            try (ChronicleLog log = small(directory()).open()) {
                assertThat(read(log, 1)).isEqualTo(value(5, 1));
            }
        }
    }

    @Nested
    class Allocation {
        private static final int WARM_UP = 30_000;
        private static final int WINDOWS = 5;
        private static final int STEPS = 2_000;

        /** Far less than one object for each step: 16 bytes each would be 32,000. */
        private static final long ALLOWANCE_BYTES = 2 << 10;

        /**
         * The least of several windows: growing the index, or mapping the next piece of a file, may fall into one or
         * two.
         */
        @Test
        void appending_syncing_and_reading_allocate_nothing() {
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final UnsafeBuffer value = new UnsafeBuffer(new byte[64]);
            final AcceptorLog.ValueReader reader = (slot, ballot, buffer, offset, length) -> {};
            try (ChronicleLog log = ChronicleLog.builder(directory(), 1, 1).open()) {
                long slot = 1;
                for (; slot <= WARM_UP; slot++) {
                    step(log, slot, value, reader);
                }
                long least = Long.MAX_VALUE;
                for (int window = 0; window < WINDOWS; window++) {
                    final long before = threads.getCurrentThreadAllocatedBytes();
                    for (int i = 0; i < STEPS; i++) {
                        step(log, slot++, value, reader);
                    }
                    least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                }
                assertThat(least).isLessThan(ALLOWANCE_BYTES);
            }
        }

        private static void step(
                final ChronicleLog log,
                final long slot,
                final UnsafeBuffer value,
                final AcceptorLog.ValueReader reader) {
            log.accept(1, slot, slot - 1, value, 0, value.capacity());
            log.sync();
            log.durablePosition();
            log.read(slot, reader);
        }
    }
}
