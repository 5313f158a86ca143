package io.paxos.protocol;

import io.paxos.spi.Outbox;

/** Asks the leader for a slot at which linearizable reads of this replica can be served, until it answers. */
final class ReadAsker {
    private final int self;
    private final Outbox outbox;
    private long askedRound; // the last round that has no answer; 0 if none

    ReadAsker(final Configuration configuration, final Outbox outbox) {
        self = configuration.self();
        this.outbox = outbox;
    }

    /** Reads of this round wait for a slot. Rounds never fall. {@code leaderId} is 0 if no leader is known. */
    void ask(final long round, final int leaderId) {
        assert round >= askedRound : "round=" + round + " askedRound=" + askedRound;
        askedRound = round;
        askAgain(leaderId);
    }

    /** Time has passed: the question, or its answer, may have been lost. */
    void askAgain(final int leaderId) {
        if (askedRound != 0 && leaderId != 0) {
            outbox.now(leaderId).askRead(self, askedRound);
        }
    }

    /** Reads through this round have got their slot. */
    void answered(final long round) {
        if (round >= askedRound) {
            askedRound = 0;
        }
    }
}
