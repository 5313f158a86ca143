package io.paxos.testkit.contract;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.StateMachine;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * What every {@link StateMachine} promises, above all that it is deterministic: extend it, say how to make one, and what its
 * commands and queries look like, and run it with jqwik.
 *
 * <p>Two instances are given the same commands in circumstances that differ in all that must not matter: instances and
 * their identity hashes, threads, real time by some milliseconds, buffers, and queries in between. What differs between two
 * processes alone, such as the iteration order of {@code Set.of}, or between two days, is not seen here.
 */
public abstract class StateMachineContract {
    private static final int COMMANDS_MAX = 40;
    private static final int JUNK_LENGTH_MAX = 64;
    private static final byte STALE = (byte) 0xC3;
    private static final long ANOTHER_TIME_MS = 4_000_000_000_123L;

    /** A new state machine in its initial state, which shares nothing with the others. */
    protected abstract StateMachine create();

    /** Commands as clients send them; the fewer keys, names and numbers they are about, the more they interact. */
    protected abstract Arbitrary<byte[]> commands();

    /** Queries as clients send them, about the same things, such that all that commands change can be seen. */
    protected abstract Arbitrary<byte[]> queries();

    /** Whether replies may depend on {@link Command#timeMs}. False unless overridden. */
    protected boolean usesClusterTime() {
        return false;
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    public void the_same_commands_give_the_same_replies_and_then_the_same_answers(
            @ForAll("inputs") final List<MachineInput> inputs) {
        final MachineDriver first = MachineDriver.plain(create());
        final List<byte[]> replies = inputs.stream().map(first::give).toList();
        final MachineDriver second = onAnotherThread(() -> {
            final MachineDriver other = MachineDriver.plain(create());
            for (int i = 0; i < inputs.size(); i++) {
                requireSame(inputs.get(i), replies.get(i), other.give(inputs.get(i)), promiseOf(inputs.get(i)));
            }
            return other;
        });
        requireSameAnswers(inputs, first, second, MachinePromises.SAME_ANSWERS);
        final MachineDriver third = MachineDriver.plain(create());
        final MachineDriver fourth = MachineDriver.plain(create()); // in turns, lest they share something
        for (final MachineInput input : inputs) {
            requireSame(input, third.give(input), fourth.give(input), promiseOf(input));
        }
        requireSameAnswers(inputs, first, fourth, MachinePromises.SAME_ANSWERS);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    public void queries_change_nothing(@ForAll("inputs") final List<MachineInput> inputs) {
        final MachineDriver unasked = MachineDriver.plain(create());
        final MachineDriver asked = MachineDriver.plain(create());
        for (final MachineInput input : inputs) {
            if (input.kind() == MachineInput.Kind.QUERY) {
                requireSame(input, asked.give(input), asked.give(input), MachinePromises.QUERIES_CHANGE_NOTHING);
            } else {
                asked.query(input.bytes()); // a command, even: whatever it answers
                requireSame(input, unasked.give(input), asked.give(input), MachinePromises.QUERIES_CHANGE_NOTHING);
            }
        }
        requireSameAnswers(inputs, unasked, asked, MachinePromises.QUERIES_CHANGE_NOTHING);
    }

    @Property(tries = 500)
    public void no_bytes_make_it_throw(@ForAll("junk") final List<MachineInput> inputs) {
        final MachineDriver first = MachineDriver.plain(create());
        final MachineDriver second = MachineDriver.plain(create());
        for (final MachineInput input : inputs) {
            requireSame(input, first.give(input), second.give(input), promiseOf(input));
        }
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    public void only_the_bytes_of_a_command_count_and_not_where_they_are(
            @ForAll("inputs") final List<MachineInput> inputs) {
        final MachineDriver plain = MachineDriver.plain(create());
        final MachineDriver unusual =
                new MachineDriver(create(), MachineDriver.Buffers.UNUSUAL, MachineDriver.TIME_MS, (byte) 0);
        requireAlike(inputs, plain, unusual, MachinePromises.BYTES_ALONE);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    public void a_reply_does_not_depend_on_what_its_buffer_held_before(
            @ForAll("inputs") final List<MachineInput> inputs) {
        final MachineDriver plain = MachineDriver.plain(create());
        final MachineDriver stale =
                new MachineDriver(create(), MachineDriver.Buffers.PLAIN, MachineDriver.TIME_MS, STALE);
        requireAlike(inputs, plain, stale, MachinePromises.REPLY_BUFFER);
    }

    @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
    public void no_clock_is_looked_at_but_that_of_the_commands(@ForAll("inputs") final List<MachineInput> inputs) {
        final MachineDriver now = MachineDriver.plain(create());
        final List<byte[]> replies = inputs.stream().map(now::give).toList();
        letTimePass();
        final MachineDriver later = MachineDriver.plain(create());
        for (int i = 0; i < inputs.size(); i++) {
            requireSame(inputs.get(i), replies.get(i), later.give(inputs.get(i)), MachinePromises.NO_WALL_CLOCK);
        }
        letTimePass();
        requireSameAnswers(inputs, now, later, MachinePromises.NO_WALL_CLOCK);
        if (!usesClusterTime()) {
            final MachineDriver anotherTime =
                    new MachineDriver(create(), MachineDriver.Buffers.PLAIN, ANOTHER_TIME_MS, (byte) 0);
            requireAlike(inputs, MachineDriver.plain(create()), anotherTime, MachinePromises.NO_CLUSTER_TIME);
        }
    }

    /** Commands and queries as clients send them. */
    @Provide
    Arbitrary<List<MachineInput>> inputs() {
        return Arbitraries.frequencyOf(
                        Tuple.of(3, input(MachineInput.Kind.COMMAND, commands())),
                        Tuple.of(1, input(MachineInput.Kind.QUERY, queries())))
                .list()
                .ofMaxSize(COMMANDS_MAX);
    }

    /** The same, damaged, among others that are not, and any bytes. */
    @Provide
    Arbitrary<List<MachineInput>> junk() {
        final Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(JUNK_LENGTH_MAX);
        return Arbitraries.oneOf(
                        input(MachineInput.Kind.COMMAND, commands()),
                        input(MachineInput.Kind.COMMAND, damaged(commands())),
                        input(MachineInput.Kind.COMMAND, any),
                        input(MachineInput.Kind.QUERY, damaged(queries())),
                        input(MachineInput.Kind.QUERY, commands()),
                        input(MachineInput.Kind.QUERY, any))
                .list()
                .ofMaxSize(COMMANDS_MAX / 4);
    }

    private static Arbitrary<MachineInput> input(final MachineInput.Kind kind, final Arbitrary<byte[]> bytes) {
        return Combinators.combine(
                        bytes,
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 2_000))
                .as((some, slotsOn, msOn) -> new MachineInput(kind, some, slotsOn, msOn));
    }

    /** One byte altered, then cut short or made longer. */
    private static Arbitrary<byte[]> damaged(final Arbitrary<byte[]> intact) {
        return Combinators.combine(
                        intact,
                        Arbitraries.integers().between(0, 1_000),
                        Arbitraries.bytes(),
                        Arbitraries.integers().between(-3, 3))
                .as((bytes, at, value, longer) -> {
                    final byte[] damaged = Arrays.copyOf(bytes, Math.max(0, bytes.length + longer));
                    if (damaged.length > 0) {
                        damaged[at % damaged.length] = value;
                    }
                    return damaged;
                });
    }

    private static void requireAlike(
            final List<MachineInput> inputs, final MachineDriver one, final MachineDriver other, final String promise) {
        for (final MachineInput input : inputs) {
            requireSame(input, one.give(input), other.give(input), promise);
        }
        requireSameAnswers(inputs, one, other, promise);
    }

    private static void requireSameAnswers(
            final List<MachineInput> inputs, final MachineDriver one, final MachineDriver other, final String promise) {
        for (final MachineInput input : inputs) {
            if (input.kind() == MachineInput.Kind.QUERY) {
                requireSame(input, one.give(input), other.give(input), promise);
            }
        }
    }

    private static void requireSame(
            final MachineInput input, final byte[] expected, final byte[] actual, final String promise) {
        if (!Arrays.equals(expected, actual)) {
            throw new BrokenPromise(
                    promise, input + " is answered with " + Bytes.text(expected) + " and with " + Bytes.text(actual));
        }
    }

    /** What the call gives on a thread that has not seen a state machine before. */
    private static <T> T onAnotherThread(final Callable<T> call) {
        final FutureTask<T> task = new FutureTask<>(call);
        new Thread(task, "another-replica").start();
        try {
            return task.get();
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while another thread ran the state machine", e);
        }
    }

    private static String promiseOf(final MachineInput input) {
        return input.kind() == MachineInput.Kind.QUERY ? MachinePromises.SAME_ANSWERS : MachinePromises.SAME_REPLIES;
    }

    /** Until both clocks of the machine show another time. */
    private static void letTimePass() {
        final long sinceMs = System.currentTimeMillis();
        while (System.currentTimeMillis() <= sinceMs + 1) {
            Thread.onSpinWait();
        }
    }
}
