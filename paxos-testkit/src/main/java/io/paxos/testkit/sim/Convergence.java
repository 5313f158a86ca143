package io.paxos.testkit.sim;

import io.paxos.Read;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Liveness of a cluster without faults. Within a bounded time each running member gets a new command chosen and a new
 * read answered, all agree on the leader and have applied the same, and nothing waits for an outcome.
 */
final class Convergence {
    static final String LIVENESS = "a cluster without faults makes progress";

    static final String START = "an empty cluster without faults starts";

    private static final int HEARTBEATS_MAX = 300;

    private final SimCluster cluster;
    private final SimNodes nodes;
    private final SimWorld world;
    private final long[] commands; // by id: the last command given to this member; 0 before the first
    private final List<CompletableFuture<byte[]>> reads; // by id: its last read; null before the first

    Convergence(final SimCluster cluster, final SimNodes nodes, final SimWorld world) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.world = world;
        commands = new long[nodes.count() + 1];
        reads = new ArrayList<>(Collections.nCopies(nodes.count() + 1, null));
    }

    /** Lets time pass until each member has taken part for the first time. */
    void awaitStart() {
        final long limitNs = HEARTBEATS_MAX * world.setup.heartbeatMaxNs();
        if (!cluster.runUntil(nodes::haveAllStarted, limitNs)) {
            throw world.invariants.violations.broken(
                    START, "within " + limitNs / Setup.MILLISECOND + " ms", nodes.text());
        }
    }

    /**
     * Lets time pass until the cluster has converged. Throws an {@link io.paxos.testkit.sim.rules.InvariantViolation}
     * if that takes too long.
     */
    void await() {
        final long electionNs = HEARTBEATS_MAX * world.setup.heartbeatMaxNs() + 2 * world.setup.timeoutNs;
        final long limitNs = electionNs + world.setup.executionMaxNs(world.invariants.history.executed());
        final boolean hasConverged = cluster.runUntil(() -> nodes.leader() != 0, electionNs)
                && cluster.runUntil(() -> nodes.leader() != 0 && areAcknowledged(), limitNs)
                && cluster.runUntil(() -> nodes.agreedLeader() != 0 && areRead(), limitNs)
                && cluster.runUntil(nodes::areSettled, limitNs);
        if (!hasConverged) {
            throw world.invariants.violations.broken(
                    LIVENESS, "within " + limitNs / Setup.MILLISECOND + " ms", nodes.text());
        }
    }

    /**
     * Whether the new command of each running member is chosen. Submits another one where the last one has another
     * outcome.
     */
    private boolean areAcknowledged() {
        boolean all = true;
        for (int id = 1; id < commands.length; id++) {
            if (nodes.takesPart(id) && (commands[id] == 0 || !cluster.isAcknowledged(commands[id]))) {
                all = false;
                if (commands[id] == 0 || !cluster.isOpen(commands[id])) {
                    commands[id] = cluster.submitTo(id);
                }
            }
        }
        return all;
    }

    /** Whether the new read of each running member is answered. Starts another one if the last has failed. */
    private boolean areRead() {
        boolean all = true;
        for (int id = 1; id < commands.length; id++) {
            final CompletableFuture<byte[]> read = reads.get(id);
            if (nodes.takesPart(id) && (read == null || !read.isDone() || read.isCompletedExceptionally())) {
                all = false;
                if (read == null || read.isDone()) {
                    reads.set(id, cluster.readFrom(id, Read.LINEARIZABLE));
                }
            }
        }
        return all;
    }
}
