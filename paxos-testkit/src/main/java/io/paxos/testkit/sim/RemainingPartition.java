package io.paxos.testkit.sim;

import io.paxos.testkit.sim.net.SimNetwork;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.transport.wire.MessageType;

/**
 * The last phase of some seeds: a partition that a seed draws stays, and the members that are connected enough must
 * make progress in it. Links can also be far, and all accepts of the leader can be lost.
 */
final class RemainingPartition {
    private static final int CUTS_MAX = 500; // of a thousand links
    private static final int FAR_ROUNDS_MAX = 12; // one way, in heartbeats: round trips must stay below 100 rounds

    private final SimCluster cluster;
    private final Setup setup;
    private final SimRandom random;
    private int crippled; // the member whose accepts are lost; 0 for none
    private long farNs; // what each packet takes besides

    /** The draws are independent of those of the phases before. */
    RemainingPartition(final SimCluster cluster, final Setup setup, final long seed) {
        this.cluster = cluster;
        this.setup = setup;
        random = new SimRandom(~seed);
    }

    /** Draws the partition and lets time pass until there is progress. Not with a single member, nor in each seed. */
    void run() {
        if (setup.members == 1 || random.below(2) == 0) {
            return;
        }
        if (random.below(4) == 0) {
            farNs = random.between(1, FAR_ROUNDS_MAX * setup.heartbeatIntervalNs);
            cluster.network().delays().far(farNs);
        }
        final int leader = cluster.leader();
        partition(leader == 0 ? 1 : leader);
        if (leader != 0 && random.below(4) == 0) {
            crippled = leader;
            cluster.network().drops(packet -> packet.type() == MessageType.ACCEPT && packet.from() == leader);
        }
        if (cluster.progress(crippled, 2 * farNs)) {
            cluster.situations().saw(Situation.PROGRESS_IN_PARTITION);
        }
    }

    private void partition(final int leader) {
        final SimNetwork network = cluster.network();
        final int member = 1 + random.below(setup.members);
        switch (random.below(6)) {
            case 0 -> network.star(member);
            case 1 -> network.chain(member);
            case 2 -> network.cutBoth(leader, member);
            case 3 -> {
                network.isolate(leader); // but for one neighbour, once the others have elected
                cluster.runFor(random.between(0, 20) * setup.heartbeatIntervalNs);
                network.mendBoth(leader, member);
            }
            case 4 -> cutSome(true);
            default -> cutSome(false);
        }
    }

    private void cutSome(final boolean both) {
        final int perThousand = random.below(CUTS_MAX);
        for (int from = 1; from <= setup.members; from++) {
            for (int to = 1; to <= setup.members; to++) {
                if (from != to && random.below(1_000) < perThousand) {
                    cluster.network().cut(from, to);
                    if (both) {
                        cluster.network().cut(to, from);
                    }
                }
            }
        }
    }
}
