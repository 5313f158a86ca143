package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Quorums;
import io.paxos.Reason;
import io.paxos.protocol.Configuration;
import io.paxos.protocol.MultiPaxos;
import io.paxos.protocol.ProtocolSettings;
import java.util.concurrent.TimeUnit;

/**
 * Knows when this replica is cut off: too few members answer for a quorum, none of them knows a leader, and both have
 * been so for a while. Then nothing can be done for callers, and they are told at once.
 *
 * <p>The while is twice {@code patienceRounds} heartbeats, after the {@code patienceRounds} that it takes until a
 * silent member counts as gone: a member that is back needs two of them until it is known again. Before the first
 * quorum of this life it is 5 s at least, because the others may be starting too. An election is no reason: its members
 * answer.
 *
 * <p>Example with heartbeats of 100 ms and patience 3: both followers of a leader are cut off at 0 ms. At 300 ms they
 * count as gone. A command of then waits. At 900 ms it is refused, and so is each later one, as long as no member
 * answers. What the leader has proposed before stays until its deadline: it may be chosen later.
 *
 * <p>The replica's thread only.
 */
final class QuorumWatch {
    private static final long START_NS = TimeUnit.SECONDS.toNanos(5);

    private final Configuration configuration;
    private final MultiPaxos core;
    private final long graceNs;
    private boolean wasConnected; // to a quorum or a leader, in this life; never false again
    private boolean isMissing; // at the last look
    private long sinceNs; // when it was first missing; means nothing unless isMissing
    private boolean isCutOff; // at the last look; then isMissing

    QuorumWatch(final Configuration configuration, final MultiPaxos core, final ProtocolSettings settings) {
        this.configuration = configuration;
        this.core = core;
        graceNs = 2L * settings.patienceRounds() * settings.heartbeatIntervalNs();
    }

    /** Looks once in each turn. */
    void look(final long nowNs) {
        final boolean wasMissing = isMissing;
        isMissing = !core.hasQuorum() && core.commandsTo() == 0;
        if (!isMissing) {
            wasConnected = true;
        } else if (!wasMissing) {
            sinceNs = nowNs;
        }
        isCutOff = isMissing && nowNs - sinceNs >= (wasConnected ? graceNs : Math.max(graceNs, START_NS));
        assert !isCutOff || isMissing : "cut off with a quorum";
    }

    /** Whether neither a quorum nor a leader can be reached, and that has been so for a while. */
    boolean isCutOff() {
        return isCutOff;
    }

    /** The outcome of a command that no leader can have got, while this replica is cut off. */
    Outcome.NotChosen refusal() {
        return new Outcome.NotChosen(Reason.NO_QUORUM, "no quorum is connected: " + answering());
    }

    /** Who answers, in a few words. */
    String answering() {
        final Quorums quorums = configuration.quorums();
        return core.connected() + " of " + configuration.size() + " members answer, a quorum is "
                + Math.max(quorums.phase1(), quorums.phase2());
    }
}
