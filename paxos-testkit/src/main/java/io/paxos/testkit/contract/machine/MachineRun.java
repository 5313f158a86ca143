package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.StateMachine;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Gives one list of inputs to a new state machine, in one of several circumstances.
 *
 * <p>The outcome of a run is a list of replies: one for each input, in order, then one for each query of the list,
 * asked again after the last input. A reply that a circumstance does not ask for is null.
 */
final class MachineRun {
    private static final byte STALE = (byte) 0xC3;
    private static final long ANOTHER_TIME_MS = 4_000_000_000_123L;

    private final Supplier<StateMachine> factory;

    MachineRun(final Supplier<StateMachine> factory) {
        this.factory = factory;
    }

    /** As a replica does it. */
    List<byte[]> plain(final List<MachineInput> inputs) {
        return run(MachineDriver.plain(factory.get()), inputs);
    }

    /** On a thread that has not run a state machine before. */
    List<byte[]> onAnotherThread(final List<MachineInput> inputs) {
        return await(() -> plain(inputs));
    }

    /** In turns with a second instance, so that static state would mix. */
    List<byte[]> besideAnother(final List<MachineInput> inputs) {
        final MachineDriver one = MachineDriver.plain(factory.get());
        final MachineDriver other = MachineDriver.plain(factory.get());
        final List<byte[]> replies = new ArrayList<>(2 * inputs.size());
        for (final MachineInput input : inputs) {
            one.give(input);
            replies.add(other.give(input));
        }
        addAnswers(other, inputs, replies);
        return replies;
    }

    /** Without the queries of the list. */
    List<byte[]> unasked(final List<MachineInput> inputs) {
        final MachineDriver driver = MachineDriver.plain(factory.get());
        final List<byte[]> replies = new ArrayList<>(2 * inputs.size());
        for (final MachineInput input : inputs) {
            replies.add(input.isQuery() ? null : driver.give(input));
        }
        addAnswers(driver, inputs, replies);
        return replies;
    }

    /** With each query asked twice, and with each command asked as a query before it is applied. */
    List<byte[]> askedTwice(final List<MachineInput> inputs) {
        final MachineDriver driver = MachineDriver.plain(factory.get());
        final List<byte[]> replies = new ArrayList<>(2 * inputs.size());
        for (final MachineInput input : inputs) {
            driver.query(input.bytes());
            replies.add(driver.give(input));
        }
        addAnswers(driver, inputs, replies);
        return replies;
    }

    /** With commands in the middle of direct buffers that are overwritten after the call. */
    List<byte[]> inUnusualBuffers(final List<MachineInput> inputs) {
        return run(
                new MachineDriver(factory.get(), MachineDriver.Buffers.UNUSUAL, MachineDriver.TIME_MS, (byte) 0),
                inputs);
    }

    /** With reply buffers that are full of old bytes. */
    List<byte[]> inUsedReplyBuffers(final List<MachineInput> inputs) {
        return run(new MachineDriver(factory.get(), MachineDriver.Buffers.PLAIN, MachineDriver.TIME_MS, STALE), inputs);
    }

    /** With a cluster time that is decades later. */
    List<byte[]> atAnotherTime(final List<MachineInput> inputs) {
        return run(new MachineDriver(factory.get(), MachineDriver.Buffers.PLAIN, ANOTHER_TIME_MS, (byte) 0), inputs);
    }

    private static List<byte[]> run(final MachineDriver driver, final List<MachineInput> inputs) {
        final List<byte[]> replies = new ArrayList<>(2 * inputs.size());
        for (final MachineInput input : inputs) {
            replies.add(driver.give(input));
        }
        addAnswers(driver, inputs, replies);
        return replies;
    }

    /** Adds the answers after the last input. */
    static void addAnswers(final MachineDriver driver, final List<MachineInput> inputs, final List<byte[]> replies) {
        for (final MachineInput input : inputs) {
            if (input.isQuery()) {
                replies.add(driver.give(input));
            }
        }
    }

    /** The input that reply number {@code index} of an outcome belongs to. */
    static MachineInput inputOf(final List<MachineInput> inputs, final int index) {
        return index < inputs.size()
                ? inputs.get(index)
                : inputs.stream().filter(MachineInput::isQuery).toList().get(index - inputs.size());
    }

    /** The first reply in which two outcomes differ, or -1. Null replies are not compared. */
    static int firstDifference(final List<byte[]> one, final List<byte[]> other) {
        for (int i = 0; i < one.size(); i++) {
            if (one.get(i) != null && other.get(i) != null && !Arrays.equals(one.get(i), other.get(i))) {
                return i;
            }
        }
        return -1;
    }

    /** A hash of an outcome without null replies: equal for equal outcomes, in each JVM. */
    static String digest(final List<byte[]> replies) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (final byte[] reply : replies) {
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, reply.length));
                digest.update(reply);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JVM has SHA-256", e);
        }
    }

    private static <T> T await(final Callable<T> call) {
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
}
