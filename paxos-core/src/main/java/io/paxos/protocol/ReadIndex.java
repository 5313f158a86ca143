package io.paxos.protocol;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Outbox;
import java.util.Arrays;

/**
 * The leader's side of linearizable reads: for each replica that asks, finds a slot at which it may read.
 *
 * <p>The slot is the chosen prefix at the time of the question. It may be told only once a phase-2 quorum, which meets
 * every phase-1 quorum, has said after the question that it has promised no higher ballot: then no other leader can have
 * chosen anything before. One confirmation serves all questions that wait, and nothing is appended to any log.
 *
 * @see <a href="https://web.stanford.edu/~ouster/cgi-bin/papers/OngaroPhD.pdf">Ongaro 2014, 6.4 (read index)</a>
 */
final class ReadIndex {
    private final int self;
    private final Members members;
    private final Quorums quorums;
    private final Outbox outbox;

    // By voter that asks: at most one of its rounds is being confirmed, a later one waits.
    private final long[] asked;
    private final long[] askedConfirmation;
    private final long[] slot;
    private final long[] waiting;

    private final long[] confirmed; // by voter: the last confirmation that it gave
    private long ballot;
    private long confirmation; // the last one asked for
    private boolean isAsking; // a question waits for the next confirmation to go out

    ReadIndex(final int self, final Members members, final Quorums quorums, final Outbox outbox) {
        this.self = self;
        this.members = members;
        this.quorums = quorums;
        this.outbox = outbox;
        asked = new long[members.size()];
        askedConfirmation = new long[members.size()];
        slot = new long[members.size()];
        waiting = new long[members.size()];
        confirmed = new long[members.size()];
    }

    /** Starts afresh under a new ballot; whoever asked an older self asks again. */
    void begin(final long newBallot) {
        ballot = newBallot;
        isAsking = false;
        Arrays.fill(asked, 0);
        Arrays.fill(waiting, 0);
        Arrays.fill(confirmed, 0);
    }

    /** A voter wants to read in its {@code round}; every write acknowledged so far lies at or below {@code readSlot}. */
    void ask(final int voter, final long round, final long readSlot) {
        if (asked[voter] != 0) {
            waiting[voter] = Math.max(waiting[voter], round);
            return;
        }
        asked[voter] = round;
        slot[voter] = readSlot;
        askedConfirmation[voter] = confirmation + 1;
        isAsking = true;
    }

    /** Sends one confirmation for all questions since the last. */
    void flush(final long readSlot) {
        if (isAsking) {
            isAsking = false;
            confirmation++;
            askAgain();
            confirmed(members.voter(self), ballot, confirmation, readSlot);
        }
    }

    /** Repeats the last confirmation, which may have been lost, to those who have not given it. */
    void askAgain() {
        if (!isAnyoneWaiting()) {
            return;
        }
        for (int voter = 0; voter < members.size(); voter++) {
            if (members.id(voter) != self && confirmed[voter] < confirmation) {
                outbox.now(members.id(voter)).confirm(self, ballot, confirmation);
            }
        }
    }

    /** A voter has promised no higher ballot; {@code readSlot} is for questions that have waited for this. */
    void confirmed(final int voter, final long inBallot, final long number, final long readSlot) {
        if (inBallot != ballot || number <= confirmed[voter]) {
            return;
        }
        confirmed[voter] = number;
        for (int asker = 0; asker < members.size(); asker++) {
            if (asked[asker] != 0 && isConfirmed(askedConfirmation[asker])) {
                outbox.now(members.id(asker)).readAt(self, ballot, asked[asker], slot[asker]);
                asked[asker] = 0;
                if (waiting[asker] != 0) {
                    final long round = waiting[asker];
                    waiting[asker] = 0;
                    ask(asker, round, readSlot);
                }
            }
        }
    }

    private boolean isConfirmed(final long number) {
        long voters = 0;
        for (int voter = 0; voter < members.size(); voter++) {
            if (confirmed[voter] >= number) {
                voters |= 1L << voter;
            }
        }
        return quorums.isPhase2(voters);
    }

    private boolean isAnyoneWaiting() {
        for (final long round : asked) {
            if (round != 0) {
                return true;
            }
        }
        return false;
    }
}
