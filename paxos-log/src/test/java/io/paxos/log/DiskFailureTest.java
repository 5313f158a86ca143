package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.readString;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.paxos.log.segment.FaultyDisk;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failed write or force acknowledges nothing. A log that has failed does not work again. */
class DiskFailureTest {
    @TempDir
    Path directory;

    private final FaultyDisk disk = new FaultyDisk();

    private ChronicleLog open() {
        return small(directory).disk(disk).open();
    }

    @Test
    void what_is_appended_is_durable_only_when_its_force_has_completed() throws InterruptedException {
        try (ChronicleLog log = open()) {
            accept(log, 5, 1, "one");
            syncAndWait(log);
            final long durable = log.durablePosition();
            disk.freeze();
            accept(log, 5, 2, "two");
            assertThat(log.sync()).isEqualTo(1);
            disk.awaitFrozenForce();
            accept(log, 5, 3, "three");
            assertThat(log.sync()).isEqualTo(1);
            assertThat(log.durablePosition()).isEqualTo(durable);
            assertThat(readString(log, 3)).isEqualTo("three");
            disk.thaw();
            syncAndWait(log);
            assertThat(log.durablePosition()).isEqualTo(durable + 2);
        }
    }

    /** L17: consul #3552, consul #22064: a slow disk must not stop the thread that sends heartbeats. */
    @Test
    void a_frozen_force_holds_up_neither_appending_nor_rolling() throws InterruptedException {
        try (ChronicleLog log = open()) {
            disk.freeze();
            accept(log, 5, 1);
            log.sync();
            disk.awaitFrozenForce();
            for (int slot = 2; slot <= 3000; slot++) {
                accept(log, 5, slot);
                log.sync();
            }
            assertThat(log.durablePosition()).isEqualTo(Logs.OPENED + 1);
            disk.thaw();
            syncAndWait(log);
        }
    }

    @Test
    void what_was_not_synced_is_not_durable() {
        try (ChronicleLog log = open()) {
            accept(log, 5, 1, "one");
            syncAndWait(log);
            accept(log, 5, 2, "two");
            assertThat(log.durablePosition()).isEqualTo(log.appendedPosition() - 1);
            syncAndWait(log);
            assertThat(log.durablePosition()).isEqualTo(log.appendedPosition());
        }
    }

    /** L1: WPaxos, PhysicLog.appendData, and sofa-jraft #1243 went on after a write or a flush that had failed. */
    @Test
    void a_failed_force_is_fatal_and_is_not_tried_again() throws InterruptedException {
        final ChronicleLog log = open();
        accept(log, 5, 1, "one");
        syncAndWait(log);
        requireFatal(log, disk::failForces, "Input/output error (injected)");
    }

    /** The kernel reports a failed write once, to the first force after it. The file can hold records by then. */
    @Test
    void a_failed_force_of_a_segment_to_come_is_as_fatal() throws InterruptedException {
        final ChronicleLog log = open();
        accept(log, 5, 1, "one");
        syncAndWait(log);
        requireFatal(log, disk::failForcesOfPrepared, "Input/output error (injected)");
    }

    /** L17: chronicle-queue #1282: on a full disk, mapped memory fails where no exception is expected. */
    @Test
    void a_fault_of_the_mapped_memory_during_a_force_is_fatal() throws InterruptedException {
        final ChronicleLog log = open();
        accept(log, 5, 1, "one");
        syncAndWait(log);
        requireFatal(log, disk::faultForces, "a fault occurred (injected)");
    }

    private void requireFatal(final ChronicleLog log, final Runnable fault, final String cause)
            throws InterruptedException {
        final Semaphore woken = new Semaphore(0);
        log.onDurable(woken::release);
        accept(log, 5, 2, "two");
        fault.run();
        final Throwable unused = catchThrowable(log::sync); // a force of zeros can fail before it
        do {
            woken.acquire(); // the first wake-up can belong to the force before
        } while (!hasFailed(log));
        final int operations = disk.operations();
        assertThatThrownBy(log::durablePosition)
                .isInstanceOf(LogException.class)
                .hasMessageContaining(cause)
                .hasMessageContaining("restart this replica");
        assertThatThrownBy(log::sync).isInstanceOf(LogException.class);
        assertThatThrownBy(() -> log.promise(9)).isInstanceOf(LogException.class);
        assertThatThrownBy(() -> accept(log, 9, 3, "three")).isInstanceOf(LogException.class);
        assertThatThrownBy(() -> read(log, 1)).isInstanceOf(LogException.class);
        log.close();
        assertThat(disk.operations()).isEqualTo(operations);
        try (ChronicleLog again = small(directory).open()) {
            assertThat(readString(again, 1)).isEqualTo("one");
        }
    }

    private static boolean hasFailed(final ChronicleLog log) {
        try {
            log.durablePosition();
            return false;
        } catch (LogException e) {
            return true;
        }
    }

    @Test
    void close_throws_a_failed_last_force_and_still_releases_everything() {
        final ChronicleLog log = open();
        accept(log, 5, 1, "one");
        disk.failForces();
        assertThatThrownBy(log::close).isInstanceOf(LogException.class).hasMessageContaining("Input/output error");
        small(directory).open().close();
    }

    @Test
    void close_throws_a_failure_that_no_call_has_thrown() throws InterruptedException {
        final ChronicleLog log = open();
        final CountDownLatch failed = new CountDownLatch(1);
        log.onDurable(failed::countDown);
        disk.freeze();
        accept(log, 5, 1, "one");
        log.sync();
        disk.awaitFrozenForce();
        disk.failForces();
        disk.thaw();
        failed.await();
        assertThatThrownBy(log::close).isInstanceOf(LogException.class).hasMessageContaining("Input/output error");
        small(directory).open().close();
    }

    /**
     * The flusher waits just before it writes zeros, until a roll waits for it or records are in the file.
     */
    @Test
    void zeros_that_come_late_do_not_overwrite_records() throws InterruptedException {
        final int slots = 3000; // more than two segments
        final Thread appends = Thread.currentThread();
        final CountDownLatch reached = new CountDownLatch(1);
        final AtomicBoolean done = new AtomicBoolean();
        disk.beforeZero(() -> {
            reached.countDown();
            while (!done.get() && appends.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
        });
        try (ChronicleLog log = open()) {
            reached.await();
            for (int slot = 1; slot <= slots; slot++) {
                accept(log, 5, slot);
                log.sync();
            }
            done.set(true);
            syncAndWait(log);
            for (int slot = 1; slot <= slots; slot++) {
                assertThat(read(log, slot)).isEqualTo(value(5, slot));
            }
        }
    }

    /** L1: WPaxos, Acceptor.onAccept, answered as if the append had worked. */
    @Test
    void a_failed_write_is_fatal_and_nothing_of_it_becomes_durable() {
        final ChronicleLog log = open();
        accept(log, 5, 1, "one");
        syncAndWait(log);
        disk.failWrites();
        accept(log, 6, 1, "another");
        accept(log, 6, 2, "two");
        assertThatThrownBy(log::sync)
                .isInstanceOf(LogException.class)
                .hasMessageContaining("Input/output error")
                .hasMessageContaining("check the disk");
        assertThatThrownBy(log::durablePosition).isInstanceOf(LogException.class);
        assertThatThrownBy(log::sync).isInstanceOf(LogException.class);
        assertThatThrownBy(() -> log.promise(9)).isInstanceOf(LogException.class);
        log.close();
        try (ChronicleLog again = small(directory).open()) {
            assertThat(readString(again, 1)).isIn("one", "another"); // the first half can be in the file
            assertThat(again.acceptedBallot(2)).isIn(0L, 6L);
        }
    }

    @Test
    void a_value_that_is_not_written_is_read_and_the_failed_write_behind_it_is_fatal() {
        try (ChronicleLog log = open()) {
            disk.failWrites();
            accept(log, 5, 1, "one");
            assertThat(read(log, 1)).asString().isEqualTo("one");
            assertThatThrownBy(log::sync).isInstanceOf(LogException.class).hasMessageContaining("Input/output error");
            assertThatThrownBy(() -> read(log, 1)).isInstanceOf(LogException.class);
        }
    }

    @Test
    void close_throws_a_failed_last_write_and_still_releases_everything() {
        final ChronicleLog log = open();
        accept(log, 5, 1, "one");
        disk.failWrites();
        assertThatThrownBy(log::close).isInstanceOf(LogException.class).hasMessageContaining("Input/output error");
        small(directory).open().close();
    }

    @Test
    void a_disk_too_full_to_open_is_reported_and_the_directory_is_released() {
        disk.failZeros();
        assertThatThrownBy(this::open)
                .isInstanceOf(LogException.class)
                .hasMessageContaining("No space left on device")
                .hasMessageContaining(directory.toString());
        small(directory).open().close();
    }

    /** L1: sofa-jraft #1243, for every write, force and file that the log makes. */
    @Test
    void whichever_operation_is_the_first_to_fail_what_was_acknowledged_is_kept() {
        int operations = 1;
        boolean failed = true;
        for (int failFrom = 1; failed; failFrom++) {
            final Path run = directory.resolve("run" + failFrom);
            final FaultyDisk faulty = new FaultyDisk();
            faulty.failFrom(failFrom);
            long acknowledged = 0;
            failed = false;
            try (ChronicleLog log = small(run).disk(faulty).open()) {
                for (long slot = 1; slot <= 16; slot++) {
                    accept(log, 5, slot, new byte[(int) (8000 + slot)]);
                    accept(log, 5, 100 + slot, new byte[(int) (8000 + slot)]);
                    syncAndWait(log);
                    acknowledged = slot;
                }
            } catch (LogException e) {
                failed = true;
                assertThat(e.getMessage()).contains("(injected)");
            }
            operations = failFrom;
            try (ChronicleLog again = small(run).open()) {
                for (long slot = 1; slot <= acknowledged; slot++) {
                    assertThat(read(again, slot)).hasSize((int) (8000 + slot));
                }
            }
        }
        assertThat(operations).isGreaterThan(60);
    }
}
