package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.protocol.Ballot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The parts of the simulator, each alone. */
class PartsTest {
    private static final UnsafeBuffer VALUE = new UnsafeBuffer("value".getBytes(StandardCharsets.UTF_8));
    private static final long B11 = Ballot.of(1, 1);
    private static final long B22 = Ballot.of(2, 2);

    private final EventQueue events = new EventQueue();
    private final Situations situations = new Situations();

    @Nested
    class Events {
        @Test
        void happen_by_time_and_then_in_the_order_in_which_they_were_asked_for() {
            final SimRandom random = new SimRandom(1);
            final List<long[]> seen = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                final long atNs = random.below(50);
                events.at(atNs, (number, packet) -> seen.add(new long[] {atNs, number}), i, null);
            }
            while (events.runNext(100)) {
                assertThat(events.nowNs()).isEqualTo(seen.get(seen.size() - 1)[0]);
            }
            assertThat(seen).hasSize(1_000);
            for (int i = 1; i < seen.size(); i++) {
                final long[] before = seen.get(i - 1);
                final long[] after = seen.get(i);
                assertThat(before[0] < after[0] || (before[0] == after[0] && before[1] < after[1]))
                        .isTrue();
            }
        }

        @Test
        void time_moves_on_to_the_limit_when_there_is_nothing_before_it() {
            events.at(10, (number, packet) -> {}, 0, null);
            assertThat(events.runNext(5)).isFalse();
            assertThat(events.nowNs()).isEqualTo(5);
            assertThat(events.runNext(10)).isTrue();
            assertThat(events.size()).isZero();
        }
    }

    @Nested
    class Clocks {
        @Test
        void the_virtual_time_of_a_local_time_is_the_first_at_which_the_clock_shows_it() {
            for (final long drift : new long[] {-50_000, -1, 0, 1, 50_000}) {
                final SimClock clock = new SimClock(events, 12_345, drift);
                for (long local = 12_345; local < 3_000_000; local += 99_991) {
                    final EventQueue at = new EventQueue();
                    at.runNext(clock.virtualTime(local));
                    assertThat(new SimClock(at, 12_345, drift).nanoTime()).isBetween(local, local + 2);
                }
            }
        }
    }

    @Nested
    class Packets {
        @Test
        void say_again_what_they_were_told() {
            final Packet told = new Packet().to(1);
            final Packet received = new Packet().to(1);
            final List<Runnable> messages = List.of(
                    () -> told.prepare(2, B22, 7),
                    () -> told.promise(2, B22, 3, 9),
                    () -> told.report(2, B22, 7, B11, VALUE, 1, 3),
                    () -> told.accept(2, B22, 7, 6, VALUE, 0, 5),
                    () -> told.accepted(2, B22, 4, 7),
                    () -> told.reject(2, B22, 7),
                    () -> told.chosen(2, B22, 7),
                    () -> told.fetch(2, 3, 7),
                    () -> told.learn(2, B22, 7, VALUE, 0, 0),
                    () -> told.ping(2, 1L << 32 | 5),
                    () -> told.pong(2, 1L << 32 | 5, B22, true, 7),
                    () -> told.forward(2, VALUE, 0, 5),
                    () -> told.askRead(2, 5),
                    () -> told.confirm(2, B22, 5),
                    () -> told.confirmed(2, B22, 5),
                    () -> told.readAt(2, B22, 5, 7));
            assertThat(messages).hasSameSizeAs(Packet.Type.values());
            for (final Runnable word : messages) {
                word.run();
                told.deliver(received);
                assertThat(received).hasToString(told.toString());
                assertThat(received.hash()).isEqualTo(told.hash());
                final Packet copy = new Packet();
                copy.copyFrom(told);
                assertThat(copy.hash()).isEqualTo(told.hash());
            }
        }

        @Test
        void can_be_read_by_people() {
            final Packet packet = new Packet().to(1);
            packet.accepted(2, Ballot.of(3, 1), 4, 7);
            assertThat(packet).hasToString("2->1 accepted 3.1 slots 4..7");
        }
    }

    @Nested
    class Network implements SimNetwork.Receiver {
        private final List<String> arrived = new ArrayList<>();
        private final PacketPool pool = new PacketPool();
        private final SimNetwork network =
                new SimNetwork(Setup.of(3), events, new SimRandom(5), pool, new Trace(events), situations);

        @Override
        public boolean arrived(final Packet packet) {
            return arrived.add(packet.toString());
        }

        @Test
        void delivers_what_was_sent() {
            ping(1, 2, 1);
            assertThat(run()).containsExactly("1->2 ping round 0:1");
        }

        @Test
        void loses_and_repeats_about_as_often_as_it_was_told() {
            network.loses(300_000).repeats(500_000);
            for (int i = 0; i < 10_000; i++) {
                ping(1, 2, i);
                run();
            }
            assertThat(arrived).hasSizeBetween(10_000, 11_000);
        }

        @Test
        void reorders_unless_links_are_ordered() {
            for (int i = 0; i < 100; i++) {
                ping(1, 2, i);
            }
            assertThat(run()).isNotEqualTo(arrived.stream().sorted().toList());
            arrived.clear();
            network.ordered(true);
            for (int i = 0; i < 10; i++) {
                ping(1, 2, i);
            }
            assertThat(run()).isSorted();
        }

        @Test
        void cuts_one_direction_of_one_link() {
            network.cut(1, 2);
            ping(1, 2, 1);
            ping(2, 1, 2);
            ping(1, 3, 3);
            ping(3, 2, 4);
            assertThat(run())
                    .containsExactlyInAnyOrder("2->1 ping round 0:2", "1->3 ping round 0:3", "3->2 ping round 0:4");
        }

        @Test
        void loses_what_is_on_its_way_over_a_link_that_is_cut() {
            ping(1, 2, 1);
            network.isolate(2);
            assertThat(run()).isEmpty();
            network.mendAll();
            ping(1, 2, 2);
            assertThat(run()).hasSize(1);
        }

        @Test
        void splits_in_two() {
            network.split(1, 2);
            ping(1, 2, 1);
            ping(1, 3, 2);
            ping(3, 2, 3);
            assertThat(run()).containsExactly("1->2 ping round 0:1");
        }

        @Test
        void drops_what_a_filter_says() {
            network.drops(packet -> packet.round() == 1);
            ping(1, 2, 1);
            ping(1, 2, 2);
            assertThat(run()).containsExactly("1->2 ping round 0:2");
        }

        private void ping(final int from, final int to, final int round) {
            network.receiver(to, this);
            final Packet packet = pool.take().to(to);
            packet.ping(from, round);
            network.send(packet);
        }

        private List<String> run() {
            while (events.size() > 0) {
                events.runNext(Long.MAX_VALUE);
            }
            return arrived;
        }
    }

    @Nested
    class Disks implements DiskObserver {
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
            final boolean found = next.read(
                    200,
                    (slot, ballot, buffer, offset, length) -> assertThat(
                                    buffer.getStringWithoutLengthAscii(offset, length))
                            .isEqualTo("value"));
            assertThat(found).isTrue();
            assertThat(next.read(199, (slot, ballot, buffer, offset, length) -> {}))
                    .isFalse();
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

    @Test
    void a_schedule_may_ask_for_anything_at_any_time() {
        for (final Step.Kind kind : Step.Kind.values()) {
            final SimCluster cluster = Setup.of(2).start();
            for (final int number : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 7}) {
                final List<Step> steps = List.of(
                        new Step(kind, number, number),
                        new Step(kind, 1, number),
                        new Step(Step.Kind.RUN, 0, 20),
                        new Step(Step.Kind.CRASH, 0, 0),
                        new Step(kind, 0, number),
                        new Step(Step.Kind.RESTART, 0, 0));
                cluster.run(new Schedule(2, steps));
            }
            cluster.heal().converge();
        }
    }
}
