package io.paxos.protocol;

import io.paxos.spi.Outbox;

/**
 * Asks the leader for a slot at which linearizable reads can be served, until it answers: for this replica, and for
 * members that have no connection to the leader.
 *
 * <p>The questions have numbers of their own, and one stands for the reads of all. Of each member two questions are
 * remembered: the first without an answer, and the last. So it is answered while it goes on asking.
 *
 * <p>Example: member 3 asks member 2 in its round 40, and member 2 leads nothing. Member 2 asks the leader in question
 * 7. Then own reads of round 90 wait, and it asks in question 8. The leader answers question 7: member 3 gets an answer
 * to its round 40. The reads of round 90 wait for the answer to question 8.
 */
final class ReadAsker {
    private final Configuration configuration;
    private final int self;
    private final Outbox outbox;
    private final ProtocolHost host;

    // By voter whose reads wait. All 0 if none do.
    private final long[] firstRound;
    private final long[] firstQuestion; // which answers firstRound
    private final long[] lastRound; // >= firstRound
    private final long[] lastQuestion; // >= firstQuestion; answers lastRound

    private long question; // the last one; only grows, also from one life to the next

    /** {@code question} is above all questions of an earlier life of this replica: old answers count for nothing. */
    ReadAsker(final Configuration configuration, final Outbox outbox, final ProtocolHost host, final long question) {
        this.configuration = configuration;
        self = configuration.self();
        this.outbox = outbox;
        this.host = host;
        this.question = question;
        firstRound = new long[configuration.size()];
        firstQuestion = new long[configuration.size()];
        lastRound = new long[configuration.size()];
        lastQuestion = new long[configuration.size()];
    }

    /** Reads of a voter, perhaps this one, wait in this round of it. {@code to} is 0 if nobody can be asked now. */
    void ask(final int voter, final long round, final int to) {
        question++;
        if (lastQuestion[voter] == 0) {
            firstRound[voter] = round;
            firstQuestion[voter] = question;
        }
        lastRound[voter] = Math.max(lastRound[voter], round);
        lastQuestion[voter] = question;
        if (to != 0) {
            outbox.now(to).askRead(self, question);
        }
    }

    /** Time has passed: the question, or its answer, may have been lost. */
    void askAgain(final int to) {
        if (to != 0 && isAnyoneWaiting()) {
            outbox.now(to).askRead(self, question);
        }
    }

    /** Reads through this question can be served once {@code slot} is applied. */
    void answered(final long ballot, final long answered, final long slot) {
        if (answered > question) {
            return; // was never asked
        }
        for (int voter = 0; voter < lastQuestion.length; voter++) {
            if (lastQuestion[voter] != 0 && answered >= firstQuestion[voter]) {
                final boolean isLast = answered >= lastQuestion[voter];
                final long round = isLast ? lastRound[voter] : firstRound[voter];
                firstRound[voter] = isLast ? 0 : lastRound[voter];
                firstQuestion[voter] = isLast ? 0 : lastQuestion[voter];
                if (isLast) {
                    lastRound[voter] = 0;
                    lastQuestion[voter] = 0;
                }
                tell(voter, ballot, round, slot);
            }
        }
    }

    private void tell(final int voter, final long ballot, final long round, final long slot) {
        if (voter == configuration.ownVoter()) {
            host.readable(round, slot);
        } else {
            outbox.now(configuration.id(voter)).readAt(self, ballot, round, slot);
        }
    }

    private boolean isAnyoneWaiting() {
        for (final long waiting : lastQuestion) {
            if (waiting != 0) {
                return true;
            }
        }
        return false;
    }
}
