package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.spi.IgnoredMessages;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.value.ValueCodec;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A replica that executes the log of its earlier life: what it shows meanwhile, and that it takes part. */
class ReplayTest {
    private static final int SLOTS = 2_500;
    private static final long EARLIER = 1 << 16 | 2; // the ballot of all that is in the log
    private static final long LATER = 2 << 16 | 2;

    private final AdjustableClock clock = new AdjustableClock(1, 1);
    private final ManualTransport transport = new ManualTransport();
    private final ManualLog log = new ManualLog(2);
    private final List<String> told = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private long executed;

    /** Each command takes a millisecond. */
    private final StateMachine slow = new StateMachine() {
        @Override
        public void apply(final Command command, final Reply reply) {
            clock.pass(1);
            executed++;
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {}
    };

    /** F25: a replica that executes what it knew is not ready before it has. */
    @Test
    void is_a_reason_not_to_be_ready_and_says_how_far_it_is() {
        final Replica replica = replica();
        replica.doWork();
        assertThat(replica.status().notReady()).matches("replays its log: \\d+ of \\d+ slots are executed");
        executeThrough(replica, SLOTS - 1);
        assertThat(replica.status().notReady()).isEqualTo("no quorum is connected: 1 of 3 members answer");
    }

    /** Replica 1 of three, whose log has {@link #SLOTS} slots, all but the last of which it knows as chosen. */
    private Replica replica() {
        for (int slot = 1; slot <= SLOTS; slot++) {
            accept(slot);
        }
        log.force();
        return build();
    }

    private Replica build() {
        transport.self = 1;
        transport.sent = new Answers();
        return Replica.builder(1)
                .members(Members.of(1, 2, 3))
                .log(log)
                .transport(transport)
                .stateMachine(slow)
                .clock(clock)
                .listener(new ReplicaListener() {
                    @Override
                    public void onReplay(final long slots, final long ofSlots, final long durationNs) {
                        told.add(slots + " of " + ofSlots + " in " + durationNs / 1_000_000 + " ms");
                    }
                })
                .host();
    }

    private void accept(final long slot) {
        final UnsafeBuffer value = value(slot);
        log.accept(EARLIER, slot, slot - 1, value, 0, value.capacity());
    }

    private static UnsafeBuffer value(final long slot) {
        final int length = ValueCodec.HEADER_LENGTH + ValueCodec.commandLength(Long.BYTES);
        final UnsafeBuffer value = new UnsafeBuffer(new byte[length]);
        ValueCodec.putHeader(value, 1);
        ValueCodec.putCommand(
                value,
                ValueCodec.HEADER_LENGTH,
                2,
                1,
                slot,
                new UnsafeBuffer(LockstepCluster.number(slot)),
                0,
                Long.BYTES);
        return value;
    }

    /** Works until the state machine has all slots through this one. */
    private static void executeThrough(final Replica replica, final long slot) {
        while (replica.status().appliedThrough() < slot) {
            assertThat(replica.doWork()).isPositive();
        }
    }

    @Test
    void a_replay_is_told_at_its_begin_then_once_each_second_and_at_its_end() {
        final Replica replica = replica();

        executeThrough(replica, SLOTS - 1);

        assertThat(told)
                .containsExactly(
                        "0 of 2499 in 0 ms",
                        "1000 of 2499 in 1000 ms",
                        "2000 of 2499 in 2000 ms",
                        "2499 of 2499 in 2499 ms");
    }

    @Test
    void the_begin_is_told_before_anything_is_executed() {
        final Replica replica = Replica.builder(1)
                .members(Members.of(1, 2, 3))
                .log(filled(10))
                .transport(transport)
                .stateMachine(slow)
                .clock(clock)
                .listener(new ReplicaListener() {
                    @Override
                    public void onReplay(final long slots, final long ofSlots, final long durationNs) {
                        told.add(slots + " told, " + executed + " executed");
                    }
                })
                .host();

        executeThrough(replica, 9);

        assertThat(told).containsExactly("0 told, 0 executed", "9 told, 9 executed");
    }

    private ManualLog filled(final int slots) {
        transport.self = 1;
        for (int slot = 1; slot <= slots; slot++) {
            accept(slot);
        }
        log.force();
        return log;
    }

    @Test
    void what_is_chosen_later_is_no_part_of_the_replay() {
        filled(300);
        final Replica replica = build();
        replica.doWork();
        assertThat(replica.status().replayThrough()).isEqualTo(299);
        assertThat(replica.status().appliedThrough()).isEqualTo(5); // of 1 ms each
        assertThat(replica.status().isReplaying()).isTrue();

        transport.arriving.add(messages -> messages.chosen(2, EARLIER, 300));
        executeThrough(replica, 300);

        assertThat(replica.status().replayThrough()).isEqualTo(299);
        assertThat(replica.status().isReplaying()).isFalse();
        assertThat(told.get(told.size() - 1)).isEqualTo("299 of 299 in 300 ms");
    }

    @Test
    void a_start_with_nothing_to_execute_tells_nothing() {
        final Replica replica = build();
        for (int turn = 0; turn < 10; turn++) {
            replica.doWork();
        }

        final Status status = replica.status();
        assertThat(status.replayThrough()).isZero();
        assertThat(status.isReplaying()).isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void a_replica_that_replays_answers_heartbeats_prepares_and_accepts_between_two_pieces() {
        final Replica replica = replica();
        replica.doWork();
        sent.clear();

        transport.arriving.add(messages -> messages.ping(2, 77));
        final long before = replica.status().appliedThrough();
        replica.doWork();
        assertThat(sent).contains("pong 77 through 2499");

        transport.arriving.add(messages -> messages.prepare(2, LATER, SLOTS));
        replica.doWork();
        assertThat(sent).contains("promise " + LATER + " through 2499", "report " + SLOTS);

        final UnsafeBuffer value = value(SLOTS + 1);
        transport.arriving.add(messages -> messages.accept(2, LATER, SLOTS + 1, SLOTS - 1, value, 0, value.capacity()));
        replica.doWork();
        assertThat(sent).contains("accepted " + LATER + " from 2501 through 2501");

        final Status status = replica.status();
        assertThat(status.isReplaying()).isTrue();
        assertThat(status.appliedThrough() - before).isLessThanOrEqualTo(3 * 256);
    }

    @Test
    void the_replay_goes_on_in_pieces_of_at_most_256_slots() {
        final Replica replica = replica();
        long before = 0;
        while (replica.status().isReplaying()) {
            replica.doWork();
            final long now = replica.status().appliedThrough();
            assertThat(now - before).isBetween(1L, 256L);
            before = now;
        }
    }

    /** Keeps in a few words what is sent. */
    private final class Answers extends IgnoredMessages {
        @Override
        public void pong(
                final int from, final long round, final long following, final boolean happy, final long chosenThrough) {
            sent.add("pong " + round + " through " + chosenThrough);
        }

        @Override
        public void promise(final int from, final long ballot, final long chosenThrough, final long lastSlot) {
            sent.add("promise " + ballot + " through " + chosenThrough);
        }

        @Override
        public void report(
                final int from,
                final long ballot,
                final long slot,
                final long acceptedBallot,
                final DirectBuffer value,
                final int offset,
                final int length) {
            sent.add("report " + slot);
        }

        @Override
        public void accepted(final int from, final long ballot, final long fromSlot, final long throughSlot) {
            sent.add("accepted " + ballot + " from " + fromSlot + " through " + throughSlot);
        }
    }
}
