package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.ReplyHandler;
import io.paxos.value.ValueCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The arena against a map of commands that have no outcome yet. */
class PendingCommandsProperties {
    private static final int ARENA = 256;
    private static final int COMMANDS = 8;

    enum Kind {
        PUT,
        DISPATCH,
        EXECUTE,
        REDISPATCH,
        EXPIRE,
        REFUSE
    }

    record Step(Kind kind, int argument) {}

    private record Open(long correlationId, byte[] bytes, long deadlineNs) {}

    /** The arena, and what it must do. */
    private static final class Fixture implements ReplyHandler {
        final Callbacks callbacks =
                new Callbacks("test", ReplicaEngine.ON_REPLICA_THREAD, false, this, COMMANDS, ARENA, () -> {});
        final PendingCommands pending =
                new PendingCommands(1, 1, callbacks, new CommandInbox(4096, COMMANDS, callbacks), ARENA, COMMANDS);
        final UnsafeBuffer target = new UnsafeBuffer(new byte[4096]);
        final TreeMap<Long, Open> open = new TreeMap<>(); // by sequence
        final Map<Long, String> outcomes = new HashMap<>();
        final List<Long> expectedNext = new ArrayList<>(); // sequences to be dispatched, in order
        long dispatchedThrough;
        long next = 1;
        long nowNs;

        boolean put(final int length) {
            final byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) next);
            nowNs++;
            final long deadlineNs = nowNs + length % 3 * 10L; // in no order
            final boolean hadRoom =
                    pending.put(CommandInbox.OFFERED, 1000 + next, deadlineNs, new UnsafeBuffer(bytes), 0, length);
            if (hadRoom) {
                open.put(next, new Open(1000 + next, bytes, deadlineNs));
                expectedNext.add(next);
                next++;
            }
            return hadRoom;
        }

        void dispatch(final int limit) {
            final int end = pending.drainUndispatched(target, 0, limit);
            int at = 0;
            while (at < end) {
                assertThat(ValueCodec.isCommand(target, at, end)).isTrue();
                final long sequence = ValueCodec.sequence(target, at);
                dropDone();
                assertThat(sequence).isEqualTo(expectedNext.remove(0));
                final byte[] bytes = new byte[ValueCodec.length(target, at)];
                target.getBytes(at + ValueCodec.COMMAND_HEADER_LENGTH, bytes);
                assertThat(bytes).isEqualTo(open.get(sequence).bytes);
                dispatchedThrough = Math.max(dispatchedThrough, sequence);
                at += ValueCodec.commandLength(bytes.length);
            }
            assertThat(at).isEqualTo(end);
            dropDone();
            assertThat(end <= limit || open.size() == 1 || at == ValueCodec.commandLength(ValueCodec.length(target, 0)))
                    .isTrue();
        }

        private void dropDone() {
            expectedNext.removeIf(sequence -> !open.containsKey(sequence));
        }

        void execute(final long sequence) {
            final Open command = open.remove(sequence);
            pending.executed(sequence, 5, target, 0, 0);
            if (command != null) {
                assertThat(outcomes.remove(command.correlationId)).isEqualTo("chosen");
            }
            assertThat(outcomes).isEmpty();
        }

        void expire(final long throughNs) {
            pending.expire(throughNs, () -> new Outcome.NotChosen(Reason.NO_QUORUM, "nobody answers"));
            final List<Long> due = open.keySet().stream()
                    .filter(sequence -> open.get(sequence).deadlineNs <= throughNs)
                    .toList();
            for (final long sequence : due) {
                final Open command = open.remove(sequence);
                final String outcome = outcomes.remove(command.correlationId);
                if (sequence > dispatchedThrough) {
                    assertThat(outcome).isEqualTo("not chosen");
                } else {
                    assertThat(outcome).isEqualTo("unknown");
                }
            }
            assertThat(outcomes).isEmpty();
            final long earliestNs =
                    open.values().stream().mapToLong(Open::deadlineNs).min().orElse(Long.MAX_VALUE);
            assertThat(pending.untilDeadlineNs(throughNs))
                    .isLessThanOrEqualTo(open.isEmpty() ? earliestNs : earliestNs - throughNs);
        }

        void refuse() {
            final long first = pending.oldest();
            pending.refuseNew(() -> new Outcome.NotChosen(Reason.NO_QUORUM, "nobody answers"));
            for (long sequence = Math.max(first, dispatchedThrough + 1); sequence < next; sequence++) {
                final Open command = open.remove(sequence);
                if (command != null) {
                    assertThat(outcomes.remove(command.correlationId)).isEqualTo("not chosen");
                }
            }
            assertThat(outcomes).isEmpty();
            next = pending.next();
            assertThat(next).isGreaterThan(dispatchedThrough);
        }

        void check() {
            dropDone();
            assertThat(pending.oldest()).isEqualTo(open.isEmpty() ? next : open.firstKey());
            assertThat(pending.hasUndispatched() || expectedNext.isEmpty()).isTrue();
        }

        @Override
        public void onChosen(
                final long correlationId,
                final long slot,
                final DirectBuffer reply,
                final int offset,
                final int length) {
            assertThat(outcomes.put(correlationId, "chosen")).isNull();
        }

        @Override
        public void onNotChosen(final long correlationId, final Reason reason) {
            assertThat(outcomes.put(correlationId, "not chosen")).isNull();
        }

        @Override
        public void onUnknown(final long correlationId) {
            assertThat(outcomes.put(correlationId, "unknown")).isNull();
        }
    }

    @Property(tries = 2_000)
    void commands_keep_their_bytes_and_order_and_get_one_outcome_each(@ForAll("steps") final List<Step> steps) {
        final Fixture fixture = new Fixture();
        for (final Step step : steps) {
            switch (step.kind) {
                case PUT -> fixture.put(step.argument);
                case DISPATCH -> fixture.dispatch(2 * step.argument);
                case EXECUTE -> fixture.execute(fixture.pending.oldest() + step.argument % 5);
                case REDISPATCH -> {
                    fixture.pending.redispatchAll();
                    fixture.expectedNext.clear();
                    fixture.expectedNext.addAll(fixture.open.keySet());
                }
                case REFUSE -> fixture.refuse();
                case EXPIRE -> fixture.expire(fixture.nowNs - step.argument % 8);
                default -> throw new AssertionError(step);
            }
            fixture.check();
        }
        fixture.pending.redispatchAll();
        fixture.expectedNext.clear();
        fixture.expectedNext.addAll(fixture.open.keySet());
        fixture.dispatch(4096);
        assertThat(fixture.expectedNext).isEmpty();
        fixture.expire(fixture.nowNs + 100);
        assertThat(fixture.put(ARENA - ValueCodec.COMMAND_HEADER_LENGTH)).isTrue(); // all of it is free again
    }

    /** The example in the class comment, with an arena of twice the size and commands of 80 bytes. */
    @Test
    void room_is_given_back_from_the_oldest_on_and_an_exact_fit_waits() {
        final Fixture fixture = new Fixture();
        final int length = 80 - ValueCodec.COMMAND_HEADER_LENGTH;
        assertThat(List.of(fixture.put(length), fixture.put(length), fixture.put(length)))
                .containsOnly(true);
        fixture.dispatch(160);
        fixture.execute(2);
        assertThat(fixture.put(length)).isFalse();
        fixture.execute(1);
        assertThat(fixture.put(length)).isTrue();
        assertThat(fixture.put(length)).isFalse();
        fixture.pending.redispatchAll();
        fixture.expectedNext.clear();
        fixture.expectedNext.addAll(List.of(3L, 4L));
        fixture.dispatch(4096);
    }

    @Test
    void there_is_a_limit_to_the_number_of_commands_too() {
        final Fixture fixture = new Fixture();
        for (int i = 0; i < COMMANDS; i++) {
            assertThat(fixture.put(0)).isTrue();
        }
        assertThat(fixture.put(0)).isFalse();
        fixture.execute(1);
        assertThat(fixture.put(0)).isTrue();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(
                                Kind.PUT,
                                Kind.PUT,
                                Kind.PUT,
                                Kind.DISPATCH,
                                Kind.EXECUTE,
                                Kind.EXECUTE,
                                Kind.REDISPATCH,
                                Kind.EXPIRE,
                                Kind.REFUSE),
                        Arbitraries.integers().between(0, 100))
                .as(Step::new)
                .list()
                .ofMaxSize(80);
    }

    /** Commands with a short time of their own fill the room behind one that has a long time. */
    @Test
    void a_command_that_waits_for_room_behind_a_patient_one_has_its_outcome_by_its_own_deadline() {
        final Callbacks callbacks =
                new Callbacks("test", ReplicaEngine.ON_REPLICA_THREAD, false, new Fixture(), COMMANDS, ARENA, () -> {});
        final CommandInbox inbox = new CommandInbox(4096, 2 * COMMANDS, callbacks);
        final PendingCommands pending = new PendingCommands(1, 1, callbacks, inbox, 1 << 12, COMMANDS);
        final UnsafeBuffer target = new UnsafeBuffer(new byte[4096]);
        final CompletableFuture<Outcome> patient = inbox.submit(new byte[8], 1_000_000);
        for (int i = 1; i < COMMANDS; i++) {
            final var unused = inbox.submit(new byte[8], 10);
        }
        pending.drain();
        pending.drainUndispatched(target, 0, 4096);
        assertThat(pending.expire(20, () -> null)).isEqualTo(COMMANDS - 1);
        final CompletableFuture<Outcome> late = inbox.submit(new byte[8], 30);
        pending.drain();
        assertThat(pending.untilDeadlineNs(20)).isEqualTo(10);
        assertThat(pending.expire(29, () -> null)).isZero();
        assertThat(pending.expire(30, () -> null)).isEqualTo(1);
        callbacks.flush();
        assertThat(late)
                .isCompletedWithValueMatching(
                        outcome -> outcome instanceof Outcome.NotChosen refused && refused.reason() == Reason.BUSY);
        assertThat(patient).isNotDone();
        assertThat(pending.untilDeadlineNs(30)).isEqualTo(999_970);
    }

    /** F11: a forward was lost. Others behind it, which were on their way, come early too. */
    @Test
    void what_comes_early_is_dispatched_again_once_and_each_command_names_the_one_before_it() {
        final Fixture fixture = new Fixture();
        for (int i = 0; i < 3; i++) {
            fixture.put(8);
        }
        assertThat(orders(fixture)).containsExactly("1:-1", "2:1", "3:1");
        fixture.pending.early(2);
        assertThat(orders(fixture)).containsExactly("1:-1", "2:1", "3:1");
        fixture.pending.early(3);
        assertThat(orders(fixture)).isEmpty();
        fixture.pending.executed(1, 5, fixture.target, 0, 0);
        fixture.pending.early(3);
        fixture.put(8);
        assertThat(orders(fixture)).containsExactly("2:-1", "3:1", "4:1");
        fixture.pending.early(1); // has its outcome
        assertThat(orders(fixture)).isEmpty();
    }

    /** F11: on a way that changes the order of messages a pipeline would come early again and again. */
    @Test
    void what_came_early_is_dispatched_batch_by_batch_behind_what_has_been_executed() {
        final Fixture fixture = new Fixture();
        for (int i = 0; i < 3; i++) {
            fixture.put(8);
        }
        assertThat(orders(fixture)).hasSize(3);
        fixture.pending.early(3);
        fixture.put(8);
        assertThat(fixture.pending.hasUndispatched()).isTrue();
        assertThat(fixture.pending.drainUndispatched(fixture.target, 0, 32)).isEqualTo(32);
        assertThat(ValueCodec.sequence(fixture.target, 0)).isEqualTo(1);
        assertThat(fixture.pending.hasUndispatched()).isFalse();
        assertThat(orders(fixture)).isEmpty();
        fixture.pending.executed(1, 5, fixture.target, 0, 0);
        assertThat(orders(fixture)).containsExactly("2:-1", "3:1", "4:1");
        fixture.put(8);
        assertThat(orders(fixture)).containsExactly("5:1"); // taken later
    }

    private static List<String> orders(final Fixture fixture) {
        final List<String> orders = new ArrayList<>();
        final int end = fixture.pending.drainUndispatched(fixture.target, 0, 4096);
        for (int at = 0; at < end; at += ValueCodec.commandLength(ValueCodec.length(fixture.target, at))) {
            orders.add(ValueCodec.sequence(fixture.target, at) + ":" + ValueCodec.order(fixture.target, at));
        }
        return orders;
    }
}
