package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Snapshotting;
import io.paxos.testkit.contract.BrokenPromise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds the one promise that a state machine breaks.
 *
 * <p>Each comparison runs the same inputs in two circumstances that differ in one respect. Each comparison relies on
 * those before it: a machine that replies with random numbers differs in all of them, and is blamed for the first. A
 * difference is blamed on its circumstance only if two plain runs of the same inputs agree.
 */
final class MachineExamination {
    private static final long SOON_NS = 2_000_000; // both clocks of a JVM show another time
    private static final long LATER_NS = 1_100_000_000; // and so do clocks that are read in whole seconds
    private static final int REPEATS = 20;
    private static final int INSTANTS = 40; // a random bit agrees so often once in 10 ^ 12 times
    private static final int PAIRS_MAX = 400; // of runs, to find so many within one instant
    private static final int LATER_REPEATS = 3;

    /**
     * What was found. At most one is not null.
     *
     * @param broken the broken promise
     * @param withoutJvm why no other JVM could be used, though no promise is broken within this one
     */
    record Findings(BrokenPromise broken, IllegalStateException withoutJvm) {}

    private final Class<?> contract;
    private final MachineRun run;
    private final boolean hasSnapshots;
    private final SnapshotRun snapshots; // used if it has snapshots
    private final boolean usesClusterTime;
    private final List<List<MachineInput>> lists;
    private final String source; // of the lists, for people
    private final List<String> digests = new ArrayList<>(); // of the first plain run of each list

    private MachineExamination(final StateMachineContract contract, final long seed) {
        this.contract = contract.getClass();
        run = new MachineRun(contract::create);
        hasSnapshots = contract.create() instanceof Snapshotting;
        snapshots = new SnapshotRun(contract::create);
        usesClusterTime = contract.usesClusterTime();
        lists = MachineLists.of(contract.commands(), contract.queries(), seed);
        source = "seed " + seed + ", repeat with -D" + StateMachineContract.SEED + "=" + seed;
    }

    /**
     * Runs all comparisons until one differs. Takes about three seconds for a small machine that keeps its promises.
     */
    static Findings of(final StateMachineContract contract, final long seed) {
        return new MachineExamination(contract, seed).findings();
    }

    private Findings findings() {
        IllegalStateException withoutJvm = null;
        try {
            BrokenPromise broken = compareAll(sameCircumstances());
            final long digestedNs = System.nanoTime();
            if (broken == null) {
                broken = compareAll(otherCircumstances());
            }
            if (broken == null && hasSnapshots) {
                broken = compareAll(withSnapshots());
            }
            if (broken == null) { // last, because they take by far the longest
                try {
                    broken = compareOtherJvms(digestedNs);
                } catch (final IllegalStateException e) {
                    withoutJvm = e;
                }
            }
            return new Findings(broken, broken == null ? withoutJvm : null);
        } catch (final BrokenPromise direct) { // seen by the driver, and not in a comparison
            return new Findings(direct, null);
        }
    }

    private List<MachineComparison> sameCircumstances() {
        lists.forEach(list -> digests.add(MachineRun.digest(run.plain(list))));
        return List.of(
                plainly(MachinePromises.SAME_REPLIES, run::plain, "by another instance"),
                plainly(MachinePromises.SAME_REPLIES, run::onAnotherThread, "on another thread"),
                plainly(
                        MachinePromises.SAME_REPLIES,
                        run::besideAnother,
                        "when another instance runs in turns with it"));
    }

    private List<MachineComparison> otherCircumstances() {
        final List<MachineComparison> comparisons = new ArrayList<>(List.of(
                plainly(MachinePromises.QUERIES_CHANGE_NOTHING, run::unasked, "without the queries in between"),
                plainly(MachinePromises.QUERIES_CHANGE_NOTHING, run::askedTwice, "with more queries in between"),
                plainly(
                        MachinePromises.BYTES_ALONE,
                        run::inUnusualBuffers,
                        "with commands at an offset in direct buffers that are overwritten after the call"),
                plainly(MachinePromises.REPLY_BUFFER, run::inUsedReplyBuffers, "in a used reply buffer")));
        if (!usesClusterTime) {
            comparisons.add(plainly(MachinePromises.NO_CLUSTER_TIME, run::atAnotherTime, "at another cluster time"));
        }
        return comparisons;
    }

    private List<MachineComparison> withSnapshots() {
        return List.of(
                plainly(
                        MachinePromises.SNAPSHOT_WHOLE,
                        snapshots::restored,
                        "by an instance that has read a snapshot of it"),
                plainly(
                        MachinePromises.SNAPSHOT_MOMENT,
                        snapshots::restoredFromSlices,
                        "by an instance that has read a snapshot, between whose slices commands were applied"),
                plainly(MachinePromises.SNAPSHOT_MOMENT, snapshots::writing, "by an instance that writes a snapshot"),
                plainly(
                        MachinePromises.SNAPSHOT_REPLACES,
                        snapshots::restoredOverAnother,
                        "by an instance that has read a snapshot and had another state before"),
                plainly(
                        MachinePromises.SNAPSHOT_REPLACES,
                        snapshots::restoredAfterDamage,
                        "by an instance that has read a snapshot after a part of a damaged one"),
                plainly(
                        MachinePromises.SNAPSHOT_AGAIN,
                        snapshots::restoredTwice,
                        "by an instance that has read a snapshot of one that has read a snapshot"),
                plainly(
                        MachinePromises.SNAPSHOT_AGAIN,
                        snapshots::restoredFromSecond,
                        "by an instance that has read the second snapshot of another"),
                plainly(
                        MachinePromises.SNAPSHOT_AGAIN,
                        snapshots::restoredAfterGivenUp,
                        "by an instance that has read a snapshot of one that had given up another"));
    }

    private MachineComparison plainly(
            final String promise, final MachineComparison.Run other, final String circumstance) {
        return new MachineComparison(promise, run::plain, other, circumstance);
    }

    private BrokenPromise compareAll(final List<MachineComparison> comparisons) {
        for (final MachineComparison comparison : comparisons) {
            for (final List<MachineInput> list : lists) {
                if (comparison.differsOn(list)) {
                    return blame(comparison, list);
                }
            }
        }
        return null;
    }

    /** Starts the JVMs first, since they need as long to start as must pass between the two looks at the clock. */
    private BrokenPromise compareOtherJvms(final long digestedNs) {
        final List<OtherJvm> jvms = new ArrayList<>();
        try {
            JvmSettings.different().forEach(settings -> jvms.add(new OtherJvm(contract, settings)));
            BrokenPromise broken = compareLater(digestedNs);
            for (int i = 0; i < jvms.size() && broken == null; i++) {
                broken = compare(jvms.get(i));
            }
            return broken;
        } finally {
            jvms.forEach(OtherJvm::close);
        }
    }

    private BrokenPromise compareLater(final long digestedNs) {
        pause(digestedNs + LATER_NS - System.nanoTime());
        for (int i = 0; i < lists.size(); i++) {
            if (!digests.get(i).equals(MachineRun.digest(run.plain(lists.get(i))))) {
                return blame(later(LATER_NS), lists.get(i));
            }
        }
        return null;
    }

    private BrokenPromise compare(final OtherJvm jvm) {
        for (int i = 0; i < lists.size(); i++) {
            if (!digests.get(i).equals(jvm.digest(lists.get(i)))) {
                return isUnsteady(lists.get(i)) ? blameUnsteady(lists.get(i)) : blame(jvm, lists.get(i));
            }
        }
        return null;
    }

    /** Tries each setting in which the JVM differs alone, with the shortest inputs that show the difference. */
    private BrokenPromise blame(final OtherJvm jvm, final List<MachineInput> list) {
        final MachineComparison comparison = inJvm(jvm);
        final List<MachineInput> shortest = comparison.shortest(list);
        for (final JvmSettings single : jvm.settings().singly()) {
            try (OtherJvm other = new OtherJvm(contract, single)) {
                if (inJvm(other).differsOn(shortest)) {
                    return inJvm(other).broken(shortest, source);
                }
            }
        }
        return comparison.broken(shortest, source);
    }

    private MachineComparison inJvm(final OtherJvm jvm) {
        return plainly(jvm.settings().promise(), jvm::replies, "in a JVM with " + jvm.settings());
    }

    private BrokenPromise blame(final MachineComparison comparison, final List<MachineInput> list) {
        final boolean isSteady = !isUnsteady(list) && comparison.differsOn(list);
        return isSteady ? comparison.broken(comparison.shortest(list), source) : blameUnsteady(list);
    }

    /** Whether two plain runs of the inputs sometimes differ. */
    private boolean isUnsteady(final List<MachineInput> list) {
        final MachineComparison plain = later(0);
        for (int i = 0; i < REPEATS; i++) {
            if (plain.differsOn(list)) {
                return true;
            }
        }
        return later(SOON_NS).differsOn(list);
    }

    /**
     * Two plain runs differ, or differed once. Finds out whether a clock is the cause: runs with a clock differ only if
     * time passes between them.
     */
    private BrokenPromise blameUnsteady(final List<MachineInput> list) {
        final MachineComparison soon = later(SOON_NS);
        if (differsEachTime(soon, list)) {
            final List<MachineInput> shortest = soon.shortest(list);
            if (isAlikeWithin(1, shortest) && differsEachTime(soon, shortest)) {
                return soon.broken(shortest, source);
            }
        } else if (isAlikeWithin(1_000, list) && differsEachTime(later(LATER_NS), list)) {
            return later(LATER_NS).broken(list, source); // not made shorter: each try would take a second
        }
        final MachineComparison another = plainly(
                MachinePromises.SAME_REPLIES,
                run::plain,
                "by another instance (random numbers, identity hashes, nanoseconds and static state differ so)");
        return another.broken(another.shortest(list), source);
    }

    private static boolean differsEachTime(final MachineComparison comparison, final List<MachineInput> list) {
        for (int i = 0; i < LATER_REPEATS; i++) {
            if (!comparison.differsOn(list)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether two runs agree if both are within one instant, here {@code instantMs} of the wall clock. Several pairs
     * are tried. A pair that takes longer, because the machine is busy, does not count.
     */
    private boolean isAlikeWithin(final long instantMs, final List<MachineInput> list) {
        int alike = 0;
        for (int i = 0; i < PAIRS_MAX && alike < INSTANTS; i++) {
            if (instantMs == 1) {
                awaitNextMs();
            }
            final long instant = System.currentTimeMillis() / instantMs;
            final boolean differs = later(0).differsOn(list);
            if (System.currentTimeMillis() / instantMs == instant) {
                if (differs) {
                    return false;
                }
                alike++;
            }
        }
        return alike > 0;
    }

    private static void awaitNextMs() {
        final long sinceMs = System.currentTimeMillis();
        while (System.currentTimeMillis() == sinceMs) {
            Thread.onSpinWait();
        }
    }

    private MachineComparison later(final long ns) {
        return plainly(
                MachinePromises.NO_WALL_CLOCK,
                inputs -> {
                    pause(ns);
                    return run.plain(inputs);
                },
                ns / 1_000_000 + " ms later");
    }

    private static void pause(final long ns) {
        final long deadlineNs = System.nanoTime() + ns;
        while (deadlineNs - System.nanoTime() > 0) {
            LockSupport.parkNanos(deadlineNs - System.nanoTime());
        }
    }
}
