package io.paxos.testkit.sim;

import io.paxos.Quorums;
import io.paxos.testkit.sim.schedule.Situation;

/**
 * Mistakes of an operator. The members must refuse each one, because Paxos does not survive it; {@link FaultAtlas} has
 * the limits.
 */
public final class Mistakes {
    static final String REFUSED = "a replica refuses the directory of another, and other quorums than before";

    private final SimWorld world;
    private final SimNodes nodes;
    private SimIntruder intruder; // null if there was no second process yet

    Mistakes(final SimWorld world, final SimNodes nodes) {
        this.world = world;
        this.nodes = nodes;
    }

    /**
     * The process dies and its directory is emptied, so no other member may take its messages again. Does nothing if
     * the cluster could not lose this member for good, or if nobody could notice.
     */
    public void emptyDisk(final int id) {
        if (areIntroduced() && nodes.rememberedBy(id, 0) > 0 && mayLose(id)) {
            crash(id);
            nodes.get(id).disk.empty();
            world.atlas.castOut(id);
        }
    }

    /**
     * The process dies and its whole directory is replaced by an older copy, of an opening before the one that the
     * others remember. The limits of {@link #emptyDisk} hold.
     */
    public void returnToCopy(final int id) {
        final int incarnation = nodes.get(id).disk.copiedIncarnation();
        if (areIntroduced()
                && incarnation > 0
                && nodes.rememberedBy(id, incarnation) == othersLeft(id)
                && mayLose(id)) {
            crash(id);
            nodes.get(id).disk.returnToCopy();
            world.atlas.castOut(id);
        }
    }

    /** Two processes die, and one is started with the directory of the other. It must refuse that. */
    public void exchangeDisk(final int id, final int other) {
        if (id != other && nodes.get(other).disk.hasNotes()) {
            crash(id);
            crash(other);
            requireRefused(id, other, world.setup.quorums, Situation.EXCHANGED_DISK_REFUSED);
        }
    }

    /** The process dies and is started with other quorums. It must refuse that. */
    public void restartWithOtherQuorums(final int id) {
        if (nodes.count() > 1 && nodes.get(id).disk.hasNotes() && id != world.setup.odd) {
            crash(id);
            requireRefused(id, id, world.setup.otherQuorums(), Situation.OTHER_QUORUMS_REFUSED);
        }
    }

    /** A second process is started under the id of a member, with an empty directory. It replaces the last such one. */
    public void startSecond(final int id) {
        if (areIntroduced() && nodes.count() > 1) {
            if (intruder != null) {
                intruder.stop();
            }
            world.trace.happened(17, id, () -> "a second process is started under id " + id);
            intruder = new SimIntruder(id, world);
        }
    }

    /** Whether others can refuse a member: all know who the others are. */
    private boolean areIntroduced() {
        return world.setup.carriesHandshakes && nodes.haveAllStarted();
    }

    private boolean mayLose(final int id) {
        return nodes.haveAllStarted() && world.atlas.takesDisk(id);
    }

    /** How many others are not outcasts. */
    private int othersLeft(final int id) {
        int count = 0;
        for (int other = 1; other <= nodes.count(); other++) {
            count += other != id && !world.atlas.isOutcast(other) ? 1 : 0;
        }
        return count;
    }

    private void requireRefused(final int id, final int diskOf, final Quorums quorums, final Situation situation) {
        final String refusal = SimReplicas.refusal(nodes.get(id), nodes.get(diskOf).disk, quorums);
        if (refusal == null) {
            throw world.invariants.violations.broken(
                    REFUSED, "member " + id + " refuses the disk of " + diskOf + " with " + quorums, "taken");
        }
        if (!refusal.isEmpty()) {
            world.trace.happened(18, id, () -> "member " + id + " refuses to start: " + refusal);
            world.situations().saw(situation);
        }
    }

    private void crash(final int id) {
        nodes.get(id).crash(false);
    }
}
