package io.paxos.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.spi.Clock;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.value.ValueCodec;
import io.paxos.value.ValueKind;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ExecutorTest {
    private static final int SELF = 1;
    private static final int INCARNATION = 2;

    private final List<String> executed = new ArrayList<>();
    private final List<String> outcomes = new ArrayList<>();
    private final UnsafeBuffer value = new UnsafeBuffer(new byte[1024]);
    private int length;
    private String reply = "";
    private long nowNs; // of the clock that the budget of a turn reads
    private long commandNs; // how long each command takes
    private final TurnBudget budget = new TurnBudget(
            new Clock() {
                @Override
                public long nanoTime() {
                    return nowNs;
                }

                @Override
                public long epochMillis() {
                    return 0;
                }
            },
            5_000_000);

    @Test
    void each_command_is_executed_once_and_only_own_ones_of_this_life_have_an_outcome() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        command(SELF, INCARNATION, 1);
        command(SELF, INCARNATION, 1);
        command(SELF, INCARNATION - 1, 7); // of an earlier life: this filter has seen a later one
        command(2, 1, 1);
        executor.execute(1, value, 0, length);
        executor.execute(2, value, 0, length);

        assertThat(executed).containsExactly("1.2.1 at 100", "2.1.1 at 100");
        assertThat(outcomes).containsExactly("1 in slot 1");
        assertThat(executor.state().appliedThrough()).isEqualTo(2);
    }

    /** F11: 5 was executed before 4. */
    @Test
    void a_command_that_comes_before_its_predecessor_is_not_executed_and_its_origin_is_told() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        ordered(4, ValueCodec.FIRST);
        ordered(6, 1); // 5 was lost
        executor.execute(1, value, 0, length);
        assertThat(executed).containsExactly("1.2.4 at 100");
        assertThat(outcomes).containsExactly("4 in slot 1", "6 is early");
        value(200);
        ordered(5, 1);
        ordered(6, 1);
        executor.execute(2, value, 0, length);
        assertThat(executed).containsExactly("1.2.4 at 100", "1.2.5 at 200", "1.2.6 at 200");
    }

    /** F11: its origin has given it up, or it would not have dispatched the later one. */
    @Test
    void a_command_that_comes_after_a_later_one_is_not_executed() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        ordered(4, ValueCodec.FIRST);
        ordered(6, ValueCodec.FIRST); // 5 was given up
        ordered(5, 1);
        ordered(8, 2); // after 6
        executor.execute(1, value, 0, length);
        assertThat(outcomes).containsExactly("4 in slot 1", "6 in slot 1", "8 in slot 1");
    }

    @Test
    void commands_without_an_order_are_executed_as_they_come() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        ordered(6, 0);
        ordered(5, 0);
        executor.execute(1, value, 0, length);
        assertThat(outcomes).containsExactly("6 in slot 1", "5 in slot 1");
    }

    /** F27: slot, command, its first bytes, the cause, and what to do. */
    @Test
    void a_command_that_apply_throws_at_is_named_with_slot_and_first_bytes_and_what_to_do() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL, new StateMachine() {
            @Override
            public void apply(final Command command, final Reply written) {
                throw new ArithmeticException("/ by zero");
            }

            @Override
            public void query(final DirectBuffer query, final int offset, final int queried, final Reply written) {}
        });
        value(100);
        command(2, 1, 33);
        assertThatThrownBy(() -> executor.execute(1, value, 0, length))
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(ArithmeticException.class)
                .hasMessageContaining("apply has thrown in slot 1, at command 2.1.33 of 8 bytes 00 00 00")
                .hasMessageContaining("java.lang.ArithmeticException: / by zero")
                .hasMessageContaining("Change apply so that it refuses the command with a reply");
        assertThat(executor.state().appliedThrough()).isZero();
    }

    /** F30: commands that take long hold up neither votes nor the outcomes of others. */
    @Test
    void a_turn_ends_between_two_commands_of_a_value_and_the_next_one_goes_on_there() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        for (int sequence = 1; sequence <= 5; sequence++) {
            command(SELF, INCARNATION, sequence);
        }
        commandNs = 3_000_000;
        final List<Integer> executedInTurn = new ArrayList<>();
        boolean isDone = false;
        while (!isDone) {
            budget.begin();
            final int before = executed.size();
            isDone = executor.execute(1, value, 0, length);
            executedInTurn.add(executed.size() - before);
            assertThat(executor.state().appliedThrough()).isEqualTo(isDone ? 1 : 0);
        }
        assertThat(executedInTurn).containsExactly(2, 2, 1);
        assertThat(outcomes).containsExactly("1 in slot 1", "2 in slot 1", "3 in slot 1", "4 in slot 1", "5 in slot 1");

        final Executor other = executor(ValueKind.FEATURE_LEVEL);
        commandNs = 0;
        budget.begin();
        assertThat(other.execute(1, value, 0, length)).isTrue();
        assertThat(other.repliesChecksum()).isEqualTo(executor.repliesChecksum());
        assertThat(other.state().bytes()).isEqualTo(executor.state().bytes());
    }

    @Test
    void a_value_whose_last_command_spends_the_turn_is_done() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        command(SELF, INCARNATION, 1);
        commandNs = 9_000_000;
        budget.begin();
        assertThat(executor.execute(1, value, 0, length)).isTrue();
        assertThat(budget.isSpent()).isTrue();
    }

    @Test
    void many_fast_commands_are_executed_in_one_turn_and_a_slow_one_ends_it_within_eight() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        for (int sequence = 1; sequence <= 25; sequence++) {
            command(SELF, INCARNATION, sequence);
        }
        commandNs = 1_000;
        budget.begin();
        assertThat(executor.execute(1, value, 0, length)).isTrue();
        assertThat(executed).hasSize(25);

        length = 0;
        executed.clear();
        value(100);
        for (int sequence = 26; sequence <= 50; sequence++) {
            command(SELF, INCARNATION, sequence);
        }
        commandNs = 5_000_000;
        budget.begin();
        assertThat(executor.execute(2, value, 0, length)).isFalse();
        assertThat(executed).hasSizeBetween(1, 8);
    }

    @Test
    void cluster_time_never_falls() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        command(2, 1, 1);
        executor.execute(1, value, 0, length);
        value(50);
        command(2, 1, 2);
        executor.execute(2, value, 0, length);
        executor.execute(3, value, 0, 0); // a no-op

        assertThat(executed).containsExactly("2.1.1 at 100", "2.1.2 at 100");
        assertThat(executor.state().timeMs()).isEqualTo(100);
        assertThat(executor.state().appliedThrough()).isEqualTo(3);
    }

    /** F4, F16: what two members executed differently is seen in one number. */
    @Test
    void the_checksum_of_the_prefix_is_that_of_each_slot_and_all_bytes_of_its_value() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        command(2, 1, 1);
        executor.execute(1, value, 0, length);
        executor.execute(2, value, 0, 0);

        final byte[] bytes = new byte[length];
        value.getBytes(0, bytes);
        assertThat(executor.state().valuesChecksum())
                .isEqualTo(RunningChecksumTest.next(RunningChecksumTest.next(0, 1, bytes), 2, new byte[0]));
    }

    /** F16: members with equal values and other replies have other states. */
    @Test
    void the_checksum_of_the_replies_covers_name_length_and_bytes_of_each_executed_command() {
        final long one = repliesChecksum(1, 1, "a");
        assertThat(repliesChecksum(1, 1, "a")).isEqualTo(one);
        assertThat(repliesChecksum(1, 1, "b")).isNotEqualTo(one);
        assertThat(repliesChecksum(1, 1, "")).isNotEqualTo(one);
        assertThat(repliesChecksum(1, 2, "a")).isNotEqualTo(one);
        assertThat(repliesChecksum(2, 1, "a")).isNotEqualTo(one);
    }

    private long repliesChecksum(final int origin, final long sequence, final String newReply) {
        reply = newReply;
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        command(origin, INCARNATION, sequence);
        executor.execute(1, value, 0, length);
        return executor.repliesChecksum();
    }

    @Test
    void an_unknown_kind_stops_before_anything_is_executed_and_says_what_to_do() {
        final Executor executor = executor(ValueKind.FEATURE_LEVEL);
        value(100);
        command(2, 1, 1);
        value.putInt(0, 9);
        assertThatThrownBy(() -> executor.execute(1, value, 0, length))
                .hasMessage("slot 1 holds a value of kind 9 and " + length
                        + " bytes, which feature level 1 does not understand:"
                        + " start this replica with a newer build, its data is kept");
        assertThat(executed).isEmpty();
        assertThat(executor.state().appliedThrough()).isZero();
    }

    @Test
    void a_kind_above_the_agreed_feature_level_is_not_executed() {
        value(100);
        command(2, 1, 1);
        assertThatThrownBy(() -> executor(0).execute(1, value, 0, length))
                .hasMessageContaining("kind COMMANDS (1)")
                .hasMessageContaining("feature level 0 does not understand");
        assertThat(executed).isEmpty();
    }

    @Test
    void a_value_that_ends_within_a_command_is_refused() {
        value(100);
        assertThatThrownBy(() -> executor(1).execute(1, value, 0, length)).hasMessageContaining("at byte 16");
        command(2, 1, 1);
        assertThatThrownBy(() -> executor(1).execute(1, value, 0, length - 1)).hasMessageContaining("at byte 16");
        assertThatThrownBy(() -> executor(1).execute(1, value, 0, 3)).hasMessageContaining("kind -1 and 3 bytes");
    }

    private Executor executor(final int featureLevel) {
        return executor(featureLevel, new StateMachine() {
            @Override
            public void apply(final Command command, final Reply to) {
                nowNs += commandNs;
                to.reserve(reply.length()).putStringWithoutLengthAscii(0, reply);
                final String text = command.toString();
                executed.add(text.substring("command ".length(), text.indexOf(" of")) + " at " + command.timeMs());
            }

            @Override
            public void query(final DirectBuffer query, final int at, final int length, final Reply reply) {}
        });
    }

    private Executor executor(final int featureLevel, final StateMachine stateMachine) {
        return new Executor(
                SELF,
                INCARNATION,
                featureLevel,
                stateMachine,
                new Outcomes() {
                    @Override
                    public void executed(
                            final long sequence,
                            final long slot,
                            final DirectBuffer reply,
                            final int at,
                            final int replyLength) {
                        outcomes.add(sequence + " in slot " + slot);
                    }

                    @Override
                    public void early(final long sequence) {
                        outcomes.add(sequence + " is early");
                    }
                },
                true,
                budget);
    }

    private void value(final long timeMs) {
        ValueCodec.putHeader(value, timeMs);
        length = ValueCodec.HEADER_LENGTH;
    }

    /** A command of this life. */
    private void ordered(final long sequence, final int order) {
        final int at = length;
        command(SELF, INCARNATION, sequence);
        ValueCodec.putOrder(value, at, order);
    }

    private void command(final int origin, final int incarnation, final long sequence) {
        ValueCodec.putCommand(value, length, origin, incarnation, sequence, new UnsafeBuffer(new byte[8]), 0, 8);
        length += ValueCodec.commandLength(8);
    }
}
