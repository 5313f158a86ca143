package io.paxos.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.protocol.Configuration;
import io.paxos.spi.Claims;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Snapshots that go from replicas 2 and 3 to replica 1. The test delivers each message, or loses it. */
class TransferTest {
    private static final long SLOT = 900;
    private static final long ID = 77;
    private static final long NEEDED = 500;
    private static final int LENGTH = 1_000_003;
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BYTES_PER_SECOND = 64 << 20;

    private final List<String> events = new ArrayList<>();
    private final TransferEvents log = new TransferEvents() {
        @Override
        public void receiving(final long slot, final int from, final long position, final long length) {
            events.add("receiving " + slot + " from " + from + " at " + position);
        }

        @Override
        public void installed(final long slot, final long length) {
            events.add("installed " + slot);
        }

        @Override
        public void notReceived(final long slot, final int from, final String why) {
            events.add("not received " + slot + " from " + from + ": " + why);
        }

        @Override
        public void givenUp(final long slot, final String why) {
            events.add("given up " + slot + ": " + why);
        }

        @Override
        public void notHeld(final long slot, final String why) {
            events.add("not held " + slot + ": " + why);
        }

        @Override
        public void notSent(final long slot, final int to, final String why) {
            events.add("not sent " + slot + " to " + to + ": " + why);
        }
    };

    private final ManualSnapshots own = new ManualSnapshots();
    private final ManualSnapshots[] stores = {null, own, new ManualSnapshots(), new ManualSnapshots()};
    private final SnapshotSender[] senders = new SnapshotSender[4];
    private final boolean[] isDown = new boolean[4];
    private final List<Integer> asked = new ArrayList<>(); // members that were asked for bytes, in order
    private SnapshotReceiver receiver = receiver(BYTES_PER_SECOND);
    private long nowNs = 1;
    private long losesFrom = Long.MAX_VALUE; // bytes from this position on are lost on their way
    private long damagedSlot; // the newest one of a sender was damaged; 0 for none
    private int leader;
    private long needed = NEEDED;

    TransferTest() {
        restartSender(2);
        restartSender(3);
    }

    private static Configuration configuration(final int self) {
        return Configuration.first(self, Members.of(1, 2, 3), Quorums.majority(3));
    }

    private SnapshotReceiver receiver(final long bytesPerSecond) {
        return new SnapshotReceiver(
                configuration(1), own, new ToSenders(), () -> {}, () -> {}, log, 1 << 20, bytesPerSecond, TICK_NS);
    }

    private void restartSender(final int id) {
        final ManualSnapshots store = stores[id];
        senders[id] = new SnapshotSender(
                configuration(id),
                store,
                new ToReceiver(),
                () -> Arrays.stream(store.slots())
                        .filter(slot -> slot != damagedSlot)
                        .max()
                        .orElse(0),
                slot -> damagedSlot = slot,
                log,
                1 << 20,
                TICK_NS);
        senders[id].start();
    }

    /** Writes a snapshot. The newest two stay, and what is open. */
    private void write(final int id, final long slot) {
        stores[id].put(slot, ID + slot, bytes((int) slot));
        stores[id].trim();
    }

    private static byte[] bytes(final int seed) {
        final byte[] bytes = new byte[LENGTH];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Time passes: ticks, and turns between them. Returns the slot received, or 0. */
    private long pass(final int ticks) {
        for (int i = 0; i < ticks; i++) {
            receiver.tick(receiver.slot() > 0 ? 0 : needed, leader, nowNs);
            for (int turn = 0; turn < 10; turn++) {
                nowNs += TICK_NS / 10;
                receiver.run(nowNs);
                if (own.part() != null && own.part().state() == io.paxos.spi.SnapshotStore.Output.State.FINISHING) {
                    own.part().durable();
                }
                final long received = receiver.takeReceived();
                if (received > 0) {
                    return received;
                }
            }
        }
        return 0;
    }

    private final class ToSenders implements Outbox {
        @Override
        public Messages now(final int to) {
            return new IgnoredMessages() {
                @Override
                public void askSnapshot(final int from, final long throughSlot) {
                    if (!isDown[to]) {
                        senders[to].asked(from, throughSlot);
                    }
                }

                @Override
                public void fetchSnapshot(final int from, final long slot, final long id, final long position) {
                    asked.add(to);
                    if (!isDown[to]) {
                        senders[to].fetched(from, slot, id, position, nowNs);
                    }
                }
            };
        }

        @Override
        public Claims afterSync(final int to) {
            throw new IllegalStateException("nothing waits for the disk");
        }
    }

    private final class ToReceiver implements Outbox {
        @Override
        public Messages now(final int to) {
            return new IgnoredMessages() {
                @Override
                public void snapshot(final int from, final long slot, final long id, final long length) {
                    receiver.offered(from, slot, id, length);
                }

                @Override
                public void snapshotBytes(
                        final int from,
                        final long slot,
                        final long id,
                        final long position,
                        final DirectBuffer bytes,
                        final int offset,
                        final int length) {
                    if (position < losesFrom) {
                        receiver.bytes(from, slot, id, position, bytes, offset, length, nowNs);
                    }
                }
            };
        }

        @Override
        public Claims afterSync(final int to) {
            throw new IllegalStateException("nothing waits for the disk");
        }
    }

    @Nested
    class A_snapshot {
        @Test
        void arrives_as_it_was() {
            stores[2].put(SLOT, ID, bytes(1));
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(own.bytes(SLOT)).isEqualTo(bytes(1));
            assertThat(own.slots()).containsExactly(SLOT);
        }

        @Test
        void comes_from_a_follower_if_one_has_it_and_else_from_the_leader() {
            leader = 3;
            stores[2].put(SLOT, ID, bytes(1));
            stores[3].put(SLOT + 50, ID + 1, bytes(2));
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(asked).containsOnly(2);
        }

        @Test
        void that_is_too_old_is_not_taken() {
            stores[2].put(NEEDED - 1, ID, bytes(1));
            assertThat(pass(50)).isZero();
            assertThat(asked).isEmpty();
        }

        /** L12: resumed, and not begun anew: hashicorp/raft #697, nebula #1769, phxpaxos #196. */
        @Test
        void goes_on_at_the_last_byte_after_the_sender_was_away_and_restarted() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            final long before = own.part().length();
            assertThat(before).isBetween(300_000L, 500_000L);
            isDown[2] = true;
            pass(50);
            isDown[2] = false;
            losesFrom = Long.MAX_VALUE;
            restartSender(2);
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(events).contains("receiving 900 from 2 at " + before);
            assertThat(own.bytes(SLOT)).isEqualTo(bytes(1));
        }

        /** L12. The store keeps two, and the sender has forgotten whom it has sent what. */
        @Test
        void is_there_when_its_sender_has_restarted_and_has_written_two_others_at_once() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            final long before = own.part().length();
            isDown[2] = true;
            stores[2].closeAll();
            restartSender(2);
            write(2, SLOT + 1);
            write(2, SLOT + 2);
            write(2, SLOT + 3);
            pass(30);
            isDown[2] = false;
            losesFrom = Long.MAX_VALUE;
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(events).contains("receiving 900 from 2 at " + before);
            assertThat(own.bytes(SLOT)).isEqualTo(bytes(1));
        }

        @Test
        void is_there_although_its_sender_restarts_again_and_again_and_the_rest_goes() {
            stores[2].put(SLOT, ID, bytes(1));
            for (int life = 1; life <= 5; life++) {
                stores[2].closeAll();
                restartSender(2);
                for (int i = 1; i <= 3; i++) {
                    write(2, SLOT + 3L * life + i);
                }
                assertThat(stores[2].slots()).contains(SLOT).hasSizeLessThanOrEqualTo(6);
            }
            senders[2].tick(nowNs);
            senders[2].tick(nowNs + SnapshotSender.IDLE_HEARTBEATS * TICK_NS);
            assertThat(senders[2].lowestSlot(1)).isEqualTo(SLOT);
            assertThat(senders[2].lowestSlot(SLOT + 1)).isGreaterThan(SLOT);
            senders[2].tick(nowNs + (SnapshotSender.IDLE_HEARTBEATS + 1) * TICK_NS);
            assertThat(senders[2].lowestSlot(1)).isEqualTo(Long.MAX_VALUE);
            write(2, SLOT + 100);
            assertThat(stores[2].slots()).hasSize(2).doesNotContain(SLOT);
        }

        /** One message in 1.5 s: almost 20 s for the most of it, by far more than the bytes would need. */
        private void receiveSlowly() {
            for (losesFrom = SnapshotSender.MESSAGE_BYTES; losesFrom < 900_000; ) {
                pass(15);
                losesFrom += SnapshotSender.MESSAGE_BYTES;
            }
        }

        @Test
        void waits_for_its_sender_for_as_long_as_it_took_to_get_so_far() {
            stores[2].put(SLOT, ID, bytes(1));
            receiveSlowly();
            final long before = own.part().length();
            isDown[2] = true;
            losesFrom = Long.MAX_VALUE;
            stores[3].put(SLOT + 7, ID + 1, bytes(2));
            assertThat(pass(150)).isZero();
            assertThat(asked).doesNotContain(3);
            isDown[2] = false;
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(events).contains("receiving 900 from 2 at " + before);
        }

        @Test
        void is_given_up_when_the_wait_has_cost_as_much_as_it_would_to_get_as_far_again() {
            stores[2].put(SLOT, ID, bytes(1));
            receiveSlowly();
            isDown[2] = true;
            losesFrom = Long.MAX_VALUE;
            stores[3].put(SLOT + 7, ID + 1, bytes(2));
            assertThat(pass(260)).isEqualTo(SLOT + 7);
            assertThat(events).anyMatch(event -> event.startsWith("given up 900: no bytes of it for"));
        }

        /** Nobody knows then how long it took. The bytes that may come in a second tell how long at least. */
        @Test
        void waits_for_its_sender_after_a_restart_of_the_receiver_too() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            isDown[2] = true;
            stores[3].put(SLOT + 7, ID + 1, bytes(2));
            receiver = receiver(own.part().length() / 30);
            assertThat(pass(250)).isZero();
            assertThat(asked).doesNotContain(3);
            losesFrom = Long.MAX_VALUE;
            assertThat(pass(60)).isZero();
            assertThat(asked).contains(3);
        }

        /** Each member says what it has trimmed when it is heard, not at once. */
        @Test
        void goes_on_although_what_is_needed_is_told_too_high_for_a_moment() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            losesFrom = Long.MAX_VALUE;
            stores[2].put(SLOT + 30, ID + 30, bytes(3));
            stores[3].put(SLOT + 7, ID + 1, bytes(2));
            receiver = receiver(BYTES_PER_SECOND);
            needed = SLOT + 5;
            pass(3);
            needed = NEEDED;
            assertThat(pass(50)).isEqualTo(SLOT);
        }

        @Test
        void is_given_up_soon_if_what_follows_it_was_trimmed_by_all() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            losesFrom = Long.MAX_VALUE;
            stores[2].put(SLOT + 30, ID + 30, bytes(3));
            stores[3].put(SLOT + 7, ID + 1, bytes(2));
            receiver = receiver(BYTES_PER_SECOND);
            needed = SLOT + 5;
            assertThat(pass(20)).isEqualTo(SLOT + 30);
            assertThat(events).contains("given up 900: no other member has it, or the log behind it");
        }

        @Test
        void waits_for_its_sender_for_a_while_before_another_one_is_begun() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            isDown[2] = true;
            losesFrom = Long.MAX_VALUE;
            stores[3].put(SLOT + 7, ID + 1, bytes(2));
            assertThat(pass(80)).isZero();
            assertThat(asked).doesNotContain(3);
            assertThat(pass(60)).isEqualTo(SLOT + 7);
            assertThat(own.bytes(SLOT + 7)).isEqualTo(bytes(2));
        }

        @Test
        void goes_on_from_another_sender_that_has_the_same_one() {
            stores[2].put(SLOT, ID, bytes(1));
            stores[3].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            isDown[asked.get(0)] = true;
            losesFrom = Long.MAX_VALUE;
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(asked).contains(2, 3);
            assertThat(own.bytes(SLOT)).isEqualTo(bytes(1));
        }

        @Test
        void that_is_too_old_is_not_taken_after_an_interruption_either() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            stores[2].remove(SLOT);
            stores[2].put(NEEDED - 1, ID + 1, bytes(2));
            stores[3].put(NEEDED - 1, ID + 2, bytes(2));
            restartSender(2);
            for (int tick = 0; tick < 300; tick++) {
                final boolean isReceiving = receiver.slot() > 0; // then nobody says what is needed
                receiver.tick(isReceiving ? 0 : NEEDED, 0, nowNs);
                nowNs += TICK_NS;
                receiver.run(nowNs);
            }
            assertThat(events).noneMatch(event -> event.startsWith("receiving " + (NEEDED - 1)));
        }

        @Test
        void that_its_sender_has_replaced_is_begun_anew() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            losesFrom = Long.MAX_VALUE;
            stores[2].remove(SLOT);
            stores[2].put(SLOT + 9, ID + 9, bytes(3));
            restartSender(2);
            assertThat(pass(400)).isEqualTo(SLOT + 9);
            assertThat(own.bytes(SLOT + 9)).isEqualTo(bytes(3));
        }

        @Test
        void goes_on_if_its_sender_has_a_newer_one_too() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            losesFrom = Long.MAX_VALUE;
            stores[2].put(SLOT + 9, ID + 9, bytes(3));
            restartSender(2);
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(events).hasSize(1);
        }

        @Test
        void stays_open_for_its_receiver_when_newer_ones_replace_it() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            losesFrom = Long.MAX_VALUE;
            stores[2].remove(SLOT);
            stores[2].put(SLOT + 9, ID + 9, bytes(3));
            assertThat(pass(50)).isEqualTo(SLOT);
            assertThat(own.bytes(SLOT)).isEqualTo(bytes(1));
        }

        @Test
        void that_is_damaged_at_its_sender_is_not_offered_again() {
            stores[2].put(SLOT, ID, bytes(1));
            stores[2].damageFrom(LENGTH / 2);
            pass(100);
            assertThat(events).contains("not sent 900 to 1: damaged at " + position(LENGTH / 2));
            stores[3].put(SLOT + 1, ID + 1, bytes(2));
            assertThat(pass(400)).isEqualTo(SLOT + 1);
            assertThat(own.bytes(SLOT + 1)).isEqualTo(bytes(2));
        }

        @Test
        void that_cannot_be_opened_when_its_sender_starts_is_told_at_once() {
            stores[2].put(SLOT, ID, bytes(1));
            stores[2].damageOpening();
            restartSender(2);
            assertThat(events).containsExactly("not held 900: damaged at its header");
        }

        /** The sender writes another one of this slot. One that still reads the old one would find it damaged again. */
        @Test
        void that_is_damaged_at_its_sender_is_closed_for_all_receivers() {
            stores[2].put(SLOT, ID, bytes(1));
            restartSender(2);
            senders[2].fetched(1, SLOT, ID, 0, nowNs);
            senders[2].fetched(3, SLOT, ID, 0, nowNs);
            stores[2].damageFrom(0);
            senders[2].fetched(1, SLOT, ID, 0, nowNs);
            assertThat(senders[2].lowestSlot(1)).isEqualTo(Long.MAX_VALUE);
            senders[2].fetched(3, SLOT, ID, 0, nowNs);
            assertThat(events).containsExactly("not sent 900 to 1: damaged at 0");
        }

        private int position(final int damaged) {
            return (damaged + SnapshotSender.MESSAGE_BYTES - 1)
                    / SnapshotSender.MESSAGE_BYTES
                    * SnapshotSender.MESSAGE_BYTES;
        }
    }

    @Nested
    class Bytes {
        private void sent(final int from, final long slot, final long id, final long position) {
            receiver.bytes(from, slot, id, position, new UnsafeBuffer(new byte[10]), 0, 10, nowNs);
        }

        /** L12: each piece is checked: hashicorp/raft #212, camunda #14671, camunda #11496, camunda #14367. */
        @Test
        void of_another_snapshot_or_place_or_sender_are_not_taken() {
            stores[2].put(SLOT, ID, bytes(1));
            losesFrom = 400_000;
            pass(5);
            final long before = own.part().length();
            sent(2, SLOT, ID + 1, before);
            sent(2, SLOT + 1, ID, before);
            sent(3, SLOT, ID, before);
            sent(2, SLOT, ID, before - 10);
            sent(2, SLOT, ID, before + 10);
            assertThat(own.part().length()).isEqualTo(before);
            sent(2, SLOT, ID, before);
            assertThat(own.part().length()).isEqualTo(before + 10);
        }

        @Test
        void come_no_faster_than_the_receiver_allows() {
            stores[2].put(SLOT, ID, bytes(1));
            final SnapshotReceiver slow = receiver(LENGTH);
            final long beganNs = nowNs;
            slow.tick(NEEDED, 0, nowNs);
            slow.offered(2, SLOT, ID, LENGTH);
            slow.tick(NEEDED, 0, nowNs);
            while (own.part() == null || own.part().length() < LENGTH) {
                nowNs += Math.max(1, Math.min(slow.untilAskNs(nowNs), TICK_NS));
                final int count = asked.size();
                slow.run(nowNs);
                if (asked.size() > count) {
                    final int from = (int) own.part().length();
                    final int length =
                            Math.min(SnapshotSender.FETCH_MESSAGES * SnapshotSender.MESSAGE_BYTES, LENGTH - from);
                    slow.bytes(2, SLOT, ID, from, new UnsafeBuffer(new byte[length]), 0, length, nowNs);
                }
            }
            assertThat(nowNs - beganNs)
                    .isBetween(TimeUnit.MILLISECONDS.toNanos(700), TimeUnit.MILLISECONDS.toNanos(1_100));
        }

        /** Two seconds without bytes are none without a sender if nothing was asked for, by the pace or by the disk. */
        @Test
        void that_were_not_asked_for_yet_do_not_end_a_transfer() {
            stores[2].put(SLOT, ID, bytes(1));
            receiver = receiver(SnapshotSender.MESSAGE_BYTES); // one second each
            pass(60);
            own.part().room(0);
            pass(60);
            own.part().room(Long.MAX_VALUE);
            assertThat(pass(150)).isEqualTo(SLOT);
            assertThat(events).hasSize(1);
        }

        @Test
        void go_to_several_receivers_at_once() {
            stores[2].put(SLOT, ID, bytes(1));
            senders[2].fetched(1, SLOT, ID, 0, nowNs);
            senders[2].fetched(3, SLOT, ID, 0, nowNs);
            assertThat(senders[2].lowestSlot(1)).isEqualTo(SLOT);
            stores[2].put(SLOT + 9, ID + 9, bytes(3));
            senders[2].fetched(3, SLOT + 9, ID + 9, 0, nowNs);
            senders[2].tick(nowNs + TimeUnit.SECONDS.toNanos(20));
            assertThat(senders[2].lowestSlot(1)).isEqualTo(SLOT);
            senders[2].tick(nowNs + TimeUnit.SECONDS.toNanos(40));
            assertThat(senders[2].lowestSlot(1)).isEqualTo(Long.MAX_VALUE);
        }
    }
}
