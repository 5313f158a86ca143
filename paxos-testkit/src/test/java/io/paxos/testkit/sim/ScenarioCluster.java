package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

/** The common part of scenarios: a cluster that has converged, and methods to use it. */
final class ScenarioCluster {
    static final long MS = Setup.MILLISECOND;
    static final long SECOND = 1_000 * MS;

    private ScenarioCluster() {}

    static SimCluster started(final int members) {
        return Setup.of(members).start().converge();
    }

    static void choose(final SimCluster cluster, final int at) {
        final long command = cluster.submitTo(at);
        assertThat(command).as("taken by member %d", at).isPositive();
        final boolean isDone = cluster.runUntil(() -> !cluster.isOpen(command), SECOND);
        assertThat(isDone && cluster.isAcknowledged(command))
                .as("chosen at member %d; %s", at, cluster.statusText())
                .isTrue();
    }

    static int other(final SimCluster cluster, final int than) {
        return than == cluster.members() ? 1 : than + 1;
    }
}
