package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gives one list of inputs to state machines of which one takes over from another by a snapshot. The outcome is that of
 * {@link MachineRun}: the inputs before the snapshot are answered by the machine that wrote it, all others by the one
 * that read it.
 *
 * <p>The moment of a snapshot depends on the inputs alone, so that a run can be repeated, and is another in each list.
 */
final class SnapshotRun {
    private final Supplier<StateMachine> factory;

    SnapshotRun(final Supplier<StateMachine> factory) {
        this.factory = factory;
    }

    /** By a new instance, from a snapshot that is written at once. */
    List<byte[]> restored(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        final int moment = moment(inputs);
        run.giveUpTo(moment);
        run.handOver(MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_WHOLE), factory.get());
        return run.end();
    }

    /** By a new instance, from a snapshot that is written while the writer gets the other inputs too. */
    List<byte[]> restoredFromSlices(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        final int moment = moment(inputs);
        run.giveUpTo(moment);
        final MachineSnapshot snapshot = MachineSnapshot.begin(run.driver.machine(), MachinePromises.SNAPSHOT_MOMENT);
        final MachineDriver reader = run.driver.successor(factory.get());
        for (int i = moment; i < inputs.size(); i++) {
            run.driver.give(inputs.get(i));
            sliceAfter(i, snapshot, inputs);
        }
        snapshot.finish();
        snapshot.readBy(reader.machine());
        run.driver = reader;
        return run.end();
    }

    /** By the instance that writes a snapshot meanwhile. */
    List<byte[]> writing(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        final int moment = moment(inputs);
        run.giveUpTo(moment);
        final MachineSnapshot snapshot = MachineSnapshot.begin(run.driver.machine(), MachinePromises.SNAPSHOT_MOMENT);
        for (int i = moment; i < inputs.size(); i++) {
            run.giveUpTo(i + 1);
            sliceAfter(i, snapshot, inputs);
        }
        snapshot.finish();
        return run.end();
    }

    /** By an instance that was given all inputs, before it read the snapshot of an earlier moment. */
    List<byte[]> restoredOverAnother(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        run.giveUpTo(moment(inputs));
        run.handOver(MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_REPLACES), last(inputs));
        return run.end();
    }

    /** By an instance that has read the first bytes of a later snapshot, until the source threw. */
    List<byte[]> restoredAfterDamage(final List<MachineInput> inputs) {
        final MachineSnapshot later = MachineSnapshot.of(last(inputs), MachinePromises.SNAPSHOT_REPLACES);
        final int length = later.readBy(factory.get());
        final StateMachine reader = factory.get();
        if (length > 0) {
            later.cutReadBy(reader, Math.floorMod(hash(inputs) >> 8, length));
        }
        final Takeover run = new Takeover(inputs);
        run.giveUpTo(moment(inputs));
        run.handOver(MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_REPLACES), reader);
        return run.end();
    }

    /** By two new instances in turn, the second of which reads the snapshot of the first. */
    List<byte[]> restoredTwice(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        final int moment = moment(inputs);
        run.giveUpTo(moment / 2);
        run.handOver(MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_AGAIN), factory.get());
        run.giveUpTo(moment);
        run.handOver(MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_AGAIN), factory.get());
        return run.end();
    }

    /** By a new instance, from the second snapshot of the writer. */
    List<byte[]> restoredFromSecond(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        final int moment = moment(inputs);
        run.giveUpTo(moment / 2);
        MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_AGAIN);
        run.giveUpTo(moment);
        run.handOver(MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_AGAIN), factory.get());
        return run.end();
    }

    /** By a new instance, from the second snapshot of the writer, whose first was given up after a slice. */
    List<byte[]> restoredAfterGivenUp(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        final int moment = moment(inputs);
        run.giveUpTo(moment / 2);
        final MachineSnapshot first = MachineSnapshot.begin(run.driver.machine(), MachinePromises.SNAPSHOT_AGAIN);
        first.slice();
        run.giveUpTo(moment);
        first.close();
        run.handOver(MachineSnapshot.of(run.driver.machine(), MachinePromises.SNAPSHOT_AGAIN), factory.get());
        return run.end();
    }

    /** A machine that was given all inputs. */
    private StateMachine last(final List<MachineInput> inputs) {
        final Takeover run = new Takeover(inputs);
        run.giveUpTo(inputs.size());
        return run.driver.machine();
    }

    /** Takes a slice after every first, second or third input. */
    private static void sliceAfter(final int index, final MachineSnapshot snapshot, final List<MachineInput> inputs) {
        if (index % (1 + Math.floorMod(hash(inputs) >> 4, 3)) == 0) {
            snapshot.slice();
        }
    }

    /** How many inputs come before the snapshot. */
    private static int moment(final List<MachineInput> inputs) {
        return Math.floorMod(hash(inputs), inputs.size() + 1);
    }

    private static int hash(final List<MachineInput> inputs) {
        int hash = inputs.size();
        for (final MachineInput input : inputs) {
            hash = 31 * hash + 7 * input.msOn() + Arrays.hashCode(input.bytes());
        }
        return hash ^ hash >>> 16;
    }

    /** The inputs that were given so far, and the driver of the machine that gets the next ones. */
    private final class Takeover {
        private final List<MachineInput> inputs;
        private final List<byte[]> replies;
        private MachineDriver driver = MachineDriver.plain(factory.get());

        Takeover(final List<MachineInput> inputs) {
            this.inputs = inputs;
            replies = new ArrayList<>(2 * inputs.size());
        }

        /** Gives the inputs up to and without this one. */
        void giveUpTo(final int limit) {
            for (int i = replies.size(); i < limit; i++) {
                replies.add(driver.give(inputs.get(i)));
            }
        }

        void handOver(final MachineSnapshot snapshot, final StateMachine reader) {
            snapshot.readBy(reader);
            driver = driver.successor(reader);
        }

        /** Gives all other inputs, and returns the outcome. */
        List<byte[]> end() {
            giveUpTo(inputs.size());
            MachineRun.addAnswers(driver, inputs, replies);
            return replies;
        }
    }
}
