package io.paxos.testkit.sim.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.protocol.Ballot;
import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The records that a simulated disk keeps, and when they are durable. */
class SimDiskTest implements DiskObserver {
    private static final UnsafeBuffer VALUE = new UnsafeBuffer("value".getBytes(StandardCharsets.UTF_8));
    private static final long B11 = Ballot.of(1, 1);
    private static final long B22 = Ballot.of(2, 2);
    private final EventQueue events = new EventQueue();
    private final Situations situations = new Situations();

    private final List<String> records = new ArrayList<>();
    private final SimDisk disk =
            new SimDisk(1, events, new SimRandom(3), new Values(), this, situations).forceTakes(1_000);
    private int wakeups;

    @Override
    public void acceptDurable(final int replica, final long ballot, final long slot, final int value) {
        records.add("accept " + slot);
    }

    @Override
    public void promiseDurable(final int replica, final long ballot, final long slot) {
        records.add("promise " + Ballot.text(ballot));
    }

    @Test
    void what_is_appended_is_durable_when_the_force_has_ended() {
        final SimLog log = open();
        log.promise(B11);
        log.accept(B11, 1, 0, VALUE, 0, 5);
        assertThat(log.durablePosition()).isLessThan(log.appendedPosition());
        assertThat(log.sync()).isPositive();
        assertThat(log.sync()).isZero();
        assertThat(log.durablePosition()).isZero();
        run();
        assertThat(log.durablePosition()).isEqualTo(log.appendedPosition());
        assertThat(records).containsExactly("promise 1.1", "accept 1");
        assertThat(wakeups).isEqualTo(1);
    }

    @Test
    void what_comes_during_a_force_waits_for_the_next_one() {
        final SimLog log = open();
        log.promise(B11);
        log.sync();
        log.accept(B11, 1, 0, VALUE, 0, 5);
        log.accept(B11, 2, 0, VALUE, 0, 5);
        log.sync();
        events.runNext(Long.MAX_VALUE / 2);
        assertThat(records).containsExactly("promise 1.1");
        run();
        assertThat(records).containsExactly("promise 1.1", "accept 1", "accept 2");
        assertThat(wakeups).isEqualTo(2);
    }

    @Test
    void a_crash_keeps_a_prefix_that_holds_all_that_was_durable() {
        for (int round = 0; round < 100; round++) {
            final SimDisk fresh = new SimDisk(1, events, new SimRandom(round), new Values(), this, situations);
            final SimLog log = fresh.forceTakes(1_000).open(1024, () -> {});
            log.accept(B11, 1, 0, VALUE, 0, 5);
            log.sync();
            run();
            log.accept(B11, 2, 0, VALUE, 0, 5);
            log.accept(B22, 3, 0, VALUE, 0, 5);
            fresh.crash(false);
            final SimLog next = fresh.open(1024, () -> {});
            assertThat(next.incarnation()).isEqualTo(2);
            assertThat(next.lastSlot()).isBetween(1L, 3L);
            assertThat(next.durablePosition()).isEqualTo(next.appendedPosition());
            assertThat(next.acceptedBallot(2)).isEqualTo(next.lastSlot() >= 2 ? B11 : 0);
        }
    }

    @Test
    void a_restart_remembers_promises_and_values() {
        final SimLog log = open();
        log.promise(B11);
        log.promise(B22, 9);
        log.accept(B11, 200, 3, VALUE, 0, 5);
        log.sync();
        run();
        disk.crash(false);
        final SimLog next = open();
        assertThat(next.promised()).isEqualTo(B11);
        assertThat(next.promised(9)).isEqualTo(B22);
        assertThat(next.promised(8)).isEqualTo(B11);
        assertThat(next.chosenThrough()).isEqualTo(3);
        final AcceptorLog.ReadResult found = next.read(
                200,
                (slot, ballot, buffer, offset, length) -> assertThat(buffer.getStringWithoutLengthAscii(offset, length))
                        .isEqualTo("value"));
        assertThat(found).isEqualTo(AcceptorLog.ReadResult.FOUND);
        assertThat(next.read(199, (slot, ballot, buffer, offset, length) -> {}))
                .isEqualTo(AcceptorLog.ReadResult.ABSENT);
    }

    @Test
    void a_frozen_disk_forces_nothing_until_it_thaws() {
        final SimLog log = open();
        disk.freeze();
        log.promise(B11);
        log.sync();
        run();
        assertThat(records).isEmpty();
        disk.thaw();
        run();
        assertThat(records).containsExactly("promise 1.1");
    }

    @Test
    void a_failed_force_fails_the_log_for_good() {
        final SimLog log = open();
        disk.failNextForce();
        log.promise(B11);
        log.sync();
        run();
        assertThat(wakeups).isEqualTo(1);
        assertThatThrownBy(log::durablePosition).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> log.promise(B22)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_failed_write_fails_the_log_for_good() {
        final SimLog log = open();
        disk.failNextWrite();
        assertThatThrownBy(() -> log.promise(B11)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(log::sync).isInstanceOf(IllegalStateException.class);
        assertThat(disk.unforced()).isZero();
    }

    @Test
    void a_force_of_an_earlier_life_forces_nothing_of_this() {
        final SimLog log = open();
        log.promise(B11);
        log.sync();
        disk.crash(false);
        final SimLog next = open();
        final int kept = records.size();
        next.promise(B22);
        run();
        assertThat(records).hasSize(kept);
    }

    private SimLog open() {
        final SimLog log = disk.open(1024, () -> {});
        log.onDurable(() -> wakeups++);
        return log;
    }

    private void run() {
        while (events.size() > 0) {
            events.runNext(Long.MAX_VALUE / 2);
        }
    }
}
