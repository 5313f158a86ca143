package io.paxos.testkit.sim;

import io.paxos.Status;
import io.paxos.testkit.sim.rules.History;

/** The members 1..n of one simulated cluster, and their common state. */
final class SimNodes {
    private final SimWorld world;
    private final SimNode[] nodes; // by id; 0 is not used

    /** Creates all members and then starts them. */
    SimNodes(final SimWorld world) {
        this.world = world;
        nodes = new SimNode[world.setup.members + 1];
        for (int id = 1; id < nodes.length; id++) {
            nodes[id] = new SimNode(id, world, world.disk(id), world.clock(), world.random.split());
            world.network.receiver(id, nodes[id]);
        }
        for (int id = 1; id < nodes.length; id++) {
            nodes[id].start();
        }
    }

    int count() {
        return nodes.length - 1;
    }

    SimNode get(final int id) {
        return nodes[id];
    }

    boolean isUp(final int id) {
        return nodes[id].isUp();
    }

    /** Whether a member runs and is not one that the others must refuse. */
    boolean takesPart(final int id) {
        return isUp(id) && !world.atlas.isOutcast(id);
    }

    /** Whether every member has taken part. Until then each one is needed. */
    boolean haveAllStarted() {
        for (int id = 1; id < nodes.length; id++) {
            if (!nodes[id].hasTakenPart()) {
                return false;
            }
        }
        return true;
    }

    /** How many members remember an opening of this one's disk that is later than {@code incarnation}. */
    int rememberedBy(final int id, final int incarnation) {
        int count = 0;
        for (int other = 1; other < nodes.length; other++) {
            if (other != id && !world.atlas.isOutcast(other) && nodes[id].rememberedBy(other) > incarnation) {
                count++;
            }
        }
        return count;
    }

    /** The running member that leads in the highest ballot; 0 if none is leader. */
    int leader() {
        int leader = 0;
        long highest = 0;
        for (int id = 1; id < nodes.length; id++) {
            if (takesPart(id)) {
                final Status status = nodes[id].status();
                if (status.role() == Status.Role.LEADER && status.ballot() > highest) {
                    leader = id;
                    highest = status.ballot();
                }
            }
        }
        return leader;
    }

    /** The leader that every running member follows; 0 if they do not agree on one. */
    int agreedLeader() {
        final int leader = leader();
        for (int id = 1; id < nodes.length; id++) {
            if (takesPart(id) && nodes[id].status().leaderId() != leader) {
                return 0;
            }
        }
        return leader;
    }

    /** Whether every running member has applied all that is chosen, and nothing waits for an outcome. */
    boolean areSettled() {
        for (int id = 1; id < nodes.length; id++) {
            if (takesPart(id) && !isSettled(id)) {
                return false;
            }
        }
        return true;
    }

    private boolean isSettled(final int id) {
        final History history = world.invariants.history;
        return nodes[id].status().appliedThrough() == world.invariants.truth.chosenThrough()
                && history.executed(id) == history.executed()
                && nodes[id].life().pending() == 0;
    }

    /** One line for each member. */
    String text() {
        final StringBuilder text = new StringBuilder("chosen through " + world.invariants.truth.chosenThrough());
        for (int id = 1; id < nodes.length; id++) {
            text.append(System.lineSeparator())
                    .append("  member ")
                    .append(id)
                    .append(' ')
                    .append(nodes[id].state());
            if (nodes[id].life() != null) {
                text.append(", waiting ").append(nodes[id].life().pending());
                text.append(", executed ").append(world.invariants.history.executed(id));
                text.append(", ").append(nodes[id].status());
            }
        }
        return text.toString();
    }
}
