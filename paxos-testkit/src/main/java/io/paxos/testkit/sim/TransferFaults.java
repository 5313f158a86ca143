package io.paxos.testkit.sim;

import io.paxos.Status;

/** Makes a member need a snapshot of another one, and breaks the transfer off. */
public final class TransferFaults {
    private static final int WAIT_HEARTBEATS = 12; // within which a transfer begins, if it does
    private static final int SILENT_HEARTBEATS = 22; // after 20 a receiver stops, and asks all others again
    private static final int WAYS = 8;

    private final SimCluster cluster;
    private final SimWorld world;

    TransferFaults(final SimCluster cluster, final SimWorld world) {
        this.cluster = cluster;
        this.world = world;
    }

    /** Crashes a member, gives the others so many commands and asks them for snapshots, and restarts the member. */
    public void leaveBehind(final int id, final int commands) {
        cluster.crash(id);
        for (int i = 0; i < commands; i++) {
            for (int other = 1; other <= cluster.members(); other++) {
                cluster.submitTo(other);
            }
            cluster.runFor(world.setup.forceMeanNs + world.setup.networkJitterNs);
        }
        for (int other = 1; other <= cluster.members(); other++) {
            Step.snapshot(cluster, other);
        }
        cluster.runFor(2 * world.setup.heartbeatMaxNs());
        cluster.restart(id);
    }

    /**
     * If a member lacks what another one has trimmed: waits some heartbeats until it has a part of a snapshot. Then, as
     * {@code number} says, it crashes and is restarted, or another member crashes and is restarted, or it loses all
     * links until it has given up.
     */
    public void breakOff(final int number) {
        final int receiver = awaitPart();
        if (receiver == 0) {
            return;
        }
        switch (number % WAYS) {
            case 0, 1 -> {
                final int other = 1 + (receiver + number / WAYS) % cluster.members();
                cluster.crash(other).runFor(world.setup.heartbeatIntervalNs).restart(other);
            }
            case 2 -> { // seldom, for it takes long
                cluster.network().isolate(receiver);
                cluster.runFor(SILENT_HEARTBEATS * world.setup.heartbeatOfNs(receiver));
                for (int other = 1; other <= cluster.members(); other++) {
                    cluster.network().mendBoth(receiver, other);
                }
            }
            default -> cluster.crash(receiver).runFor(Setup.MILLISECOND).restart(receiver);
        }
    }

    /** Returns the id of a member that has a part of a snapshot now; 0 if there was none for some heartbeats. */
    private int awaitPart() {
        final long limitNs = cluster.nowNs() + WAIT_HEARTBEATS * world.setup.heartbeatMaxNs();
        int receiver = receiver();
        while (receiver == 0 && cluster.nowNs() < limitNs && isNeeded()) {
            cluster.runFor(Setup.TENTH_MS);
            receiver = receiver();
        }
        return receiver;
    }

    private int receiver() {
        for (int id = 1; id <= cluster.members(); id++) {
            if (cluster.isUp(id) && cluster.disk(id).hasPartOfSnapshot()) {
                return id;
            }
        }
        return 0;
    }

    /** Whether a member lacks what another one has trimmed. */
    private boolean isNeeded() {
        long first = 0;
        long least = Long.MAX_VALUE;
        for (int id = 1; id <= cluster.members(); id++) {
            if (cluster.isUp(id)) {
                final Status status = cluster.status(id);
                first = Math.max(first, status.firstSlot());
                least = Math.min(least, status.chosenThrough());
            }
        }
        return least + 1 < first;
    }
}
