package io.paxos.testkit.sim;

import io.paxos.Quorums;
import java.util.Arrays;
import org.agrona.collections.LongArrayList;

/**
 * Liveness of a cluster whose cut links stay cut. No other faults come, but some packets of one member can go on to be
 * lost. Within a bounded time each member that is connected enough gets a new command chosen, and each command of any
 * running member has its outcome by its deadline.
 *
 * <p>Two members are linked if packets pass in both directions. Connected enough is meant so:
 *
 * <ul>
 *   <li>Some member could be elected and choose: it is linked to quorums of both phases, counting itself.
 *   <li>The members that are linked to a phase-2 quorum could lead. A member that is connected enough is one of them,
 *       or linked to it, or linked to a neighbour of it; and so for each of them.
 * </ul>
 *
 * <p>Example: members 1 to 5, and only the links 1-2, 2-3, 3-4, 4-5, 2-4. Members 2 and 4 are linked to three members
 * each, so both could lead, and also 3. Member 1 has neighbour 2, which is linked to 3 and 4. So all members are
 * connected enough. Without the link 2-4 only 2, 3 and 4 have three members, and 1 has no neighbour that is linked to
 * 4: 1 and 5 are not judged.
 */
final class PartitionProgress {
    static final String PROGRESS = "a member that is connected enough makes progress in a partition";
    static final String DEADLINE = "each command has its outcome by its deadline";

    private static final int HEARTBEATS_MAX = 300;
    private static final int DELAYS_MAX = 100; // of the longest way of a packet
    private static final int STALLS_MAX = 40; // patience with slow disks is at most 32 times the setting

    private final SimCluster cluster;
    private final SimNodes nodes;
    private final SimWorld world;
    private final Quorums quorums;
    private final long[] commands; // by id: the last command given to this member; 0 before the first
    private final LongArrayList[] given; // by id: all of them
    private final long[] givenNs; // by id: when
    private final boolean[] done; // by id: whether one of its commands was chosen

    PartitionProgress(final SimCluster cluster, final SimNodes nodes, final SimWorld world) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.world = world;
        quorums = world.setup.quorums;
        commands = new long[nodes.count() + 1];
        givenNs = new long[nodes.count() + 1];
        given = new LongArrayList[nodes.count() + 1];
        Arrays.setAll(given, id -> new LongArrayList());
        done = new boolean[nodes.count() + 1];
    }

    /**
     * Lets time pass until each member that is connected enough has made progress, and until all commands have their
     * outcome. Throws an {@link io.paxos.testkit.sim.rules.InvariantViolation} if either takes too long.
     *
     * @param crippled a member that chooses nothing though it is linked, because packets of it are lost; 0 for none
     * @param delayNs what a packet takes besides the usual time, at most
     * @return whether any member is connected enough
     */
    boolean await(final int crippled, final long delayNs) {
        final Setup setup = world.setup;
        final long limitNs = HEARTBEATS_MAX * setup.heartbeatMaxNs()
                + 2 * setup.timeoutNs
                + DELAYS_MAX * delayNs
                + setup.executionMaxNs(world.invariants.history.executed())
                + (crippled == 0 ? 0 : STALLS_MAX * setup.stallNs);
        final long judged = connectedEnough(crippled);
        if (!cluster.runUntil(() -> haveProgress(judged, delayNs), limitNs)) {
            throw world.invariants.violations.broken(
                    PROGRESS,
                    "within " + limitNs / Setup.MILLISECOND + " ms, members " + members(judged),
                    members(withProgress()) + "; " + nodes.text());
        }
        cluster.runFor(deadlineNs(delayNs));
        haveProgress(0, delayNs);
        return judged != 0;
    }

    /** The running members that are connected enough, a bit each by id. {@code crippled} as in {@link #await}. */
    long connectedEnough(final int crippled) {
        boolean canElect = false;
        long enough = running();
        for (int leader = 1; leader < commands.length; leader++) {
            final int links = Long.bitCount(linked(leader));
            if (leader == crippled || links < quorums.phase2()) {
                continue;
            }
            canElect |= links >= quorums.phase1();
            for (int id = 1; id < commands.length; id++) {
                if ((linked(id) & linked(leader)) == 0) {
                    enough &= ~(1L << id);
                }
            }
        }
        return canElect ? enough & ~(1L << crippled) : 0;
    }

    /**
     * Whether each judged member has got a command chosen. Gives running members another one where the last has its
     * outcome, which can be that it is unknown whether it was chosen.
     */
    private boolean haveProgress(final long judged, final long delayNs) {
        boolean all = true;
        for (int id = 1; id < commands.length; id++) {
            if (!nodes.takesPart(id)) {
                continue;
            }
            final boolean isOpen = commands[id] != 0 && cluster.isOpen(commands[id]);
            done[id] |= given[id].longStream().anyMatch(cluster::isChosen);
            all &= done[id] || (judged & 1L << id) == 0;
            if (isOpen && cluster.nowNs() - givenNs[id] > deadlineNs(delayNs)) {
                throw world.invariants.violations.broken(
                        DEADLINE,
                        "within " + deadlineNs(delayNs) / Setup.MILLISECOND + " ms",
                        "c" + commands[id] + " at member " + id + " has none; " + nodes.text());
            }
            if (!isOpen && !done[id] && (judged != 0 || commands[id] == 0)) {
                givenNs[id] = cluster.nowNs();
                commands[id] = cluster.submitTo(id);
                if (commands[id] != 0) {
                    given[id].addLong(commands[id]);
                }
            }
        }
        return all;
    }

    /** A replica looks at deadlines in its duty cycle, by a clock that can drift. */
    private long deadlineNs(final long delayNs) {
        return world.setup.timeoutNs + world.setup.timeoutNs / 10 + 2 * world.setup.heartbeatMaxNs() + delayNs;
    }

    private long running() {
        long ids = 0;
        for (int id = 1; id < commands.length; id++) {
            ids |= nodes.takesPart(id) ? 1L << id : 0;
        }
        return ids;
    }

    private long withProgress() {
        long ids = 0;
        for (int id = 1; id < commands.length; id++) {
            ids |= done[id] ? 1L << id : 0;
        }
        return ids;
    }

    /** The running members that are linked to this one, which is among them; none if it does not run. */
    private long linked(final int id) {
        long ids = 0;
        for (int other = 1; other < commands.length && nodes.takesPart(id); other++) {
            final boolean isLinked = other == id || world.network.isLinked(id, other);
            ids |= nodes.takesPart(other) && isLinked ? 1L << other : 0;
        }
        return ids;
    }

    private static String members(final long ids) {
        final StringBuilder text = new StringBuilder();
        for (int id = 1; id < Long.SIZE; id++) {
            if ((ids & 1L << id) != 0) {
                text.append(text.isEmpty() ? "" : ", ").append(id);
            }
        }
        return text.isEmpty() ? "none" : text.toString();
    }
}
