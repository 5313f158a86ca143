package io.paxos.protocol;

import io.paxos.spi.Outbox;
import java.util.Arrays;

/**
 * The leader's part in linearizable reads: finds a slot at which a replica that asks may read.
 *
 * <p>The slot is the leader's chosen prefix when the question arrives. Before the leader names it, a phase-2 quorum
 * must say that it has promised no higher ballot, and must say so after the question. Such a quorum meets every phase-1
 * quorum. So no other leader can have chosen a value before the question. Nothing is appended to a log.
 *
 * <p>One confirmation serves all questions that arrived before it was sent. A question that arrives while an older one
 * of the same replica waits gets the confirmation after that.
 *
 * <p>Example: three voters, quorums of 2, voter 0 leads in ballot 3.1 and knows slots through 9 chosen.
 *
 * <pre>
 * event                                      state                           sent
 * voter 1 asks in its round 40               asked[1] 40, slot[1] 9
 * flush                                      confirmation 1                  confirm 1 to voters 1 and 2
 * slot 10 is chosen; voter 1 asks, round 41  waiting[1] 41
 * voter 2 confirms 1: with voter 0 a quorum  asked[1] 41, slot[1] 10         readAt round 40, slot 9, to voter 1
 * flush                                      confirmation 2                  confirm 2 to voters 1 and 2
 * voter 1 confirms 1                         too old for round 41
 * voter 1 confirms 2: with voter 0 a quorum  asked[1] 0                      readAt round 41, slot 10, to voter 1
 * </pre>
 *
 * @see <a href="https://web.stanford.edu/~ouster/cgi-bin/papers/OngaroPhD.pdf">Ongaro 2014, 6.4 (read index)</a>
 */
final class ReadIndex {
    private final Configuration configuration;
    private final int self;
    private final Outbox outbox;

    // By voter that asks. One of its rounds waits for a confirmation, and a later one waits behind it.
    private final long[] asked; // the round that waits for a confirmation; 0 if none
    private final long[] askedConfirmation; // the first confirmation sent after asked; at most confirmation + 1
    private final long[] slot; // the answer to asked
    private final long[] waiting; // a later round; 0 if none, and always 0 if asked is 0

    private final long[] confirmed; // by voter: the last confirmation that it gave in ballot
    private long ballot; // the own one
    private long confirmation; // the last one sent; never falls, also not from one ballot to the next
    private boolean isAsking; // a question waits for the next confirmation to be sent

    ReadIndex(final Configuration configuration, final Outbox outbox) {
        this.configuration = configuration;
        self = configuration.self();
        this.outbox = outbox;
        asked = new long[configuration.size()];
        askedConfirmation = new long[configuration.size()];
        slot = new long[configuration.size()];
        waiting = new long[configuration.size()];
        confirmed = new long[configuration.size()];
    }

    /** A leadership begins. Replicas that asked in an earlier one ask again. */
    void begin(final long newBallot) {
        assert newBallot > ballot : "newBallot=" + newBallot + " ballot=" + ballot;
        ballot = newBallot;
        isAsking = false;
        Arrays.fill(asked, 0);
        Arrays.fill(waiting, 0);
        Arrays.fill(confirmed, 0);
    }

    /**
     * A voter wants to read in its {@code round}. Every write acknowledged so far is in a slot through {@code
     * readSlot}.
     */
    void ask(final int voter, final long round, final long readSlot) {
        if (asked[voter] != 0) {
            waiting[voter] = Math.max(waiting[voter], round);
            return;
        }
        assert waiting[voter] == 0 : "waiting=" + waiting[voter] + " voter=" + voter;
        asked[voter] = round;
        slot[voter] = readSlot;
        askedConfirmation[voter] = confirmation + 1;
        isAsking = true;
    }

    /** Sends one confirmation for all questions since the last. {@code readSlot} as in {@link #confirmed}. */
    void flush(final long readSlot) {
        if (isAsking) {
            isAsking = false;
            confirmation++;
            askAgain();
            confirmed(configuration.ownVoter(), ballot, confirmation, readSlot);
        }
    }

    /** Sends the last confirmation again to voters that have not given it: it may have been lost. */
    void askAgain() {
        if (!isAnyoneWaiting()) {
            return;
        }
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (confirmed[voter] < confirmation) {
                outbox.now(configuration.id(voter)).confirm(self, ballot, confirmation);
            }
        }
    }

    /**
     * A voter has promised no higher ballot. {@code readSlot}, the chosen prefix now, answers questions that have
     * waited behind an older one.
     */
    void confirmed(final int voter, final long inBallot, final long number, final long readSlot) {
        if (inBallot != ballot || number <= confirmed[voter]) {
            return;
        }
        confirmed[voter] = number;
        for (int asker = 0; asker < asked.length; asker++) {
            if (asked[asker] != 0 && isConfirmed(askedConfirmation[asker])) {
                answer(asker, readSlot);
            }
        }
    }

    private void answer(final int asker, final long readSlot) {
        assert slot[asker] <= readSlot : "slot=" + slot[asker] + " readSlot=" + readSlot;
        outbox.now(configuration.id(asker)).readAt(self, ballot, asked[asker], slot[asker]);
        asked[asker] = 0;
        if (waiting[asker] != 0) {
            final long round = waiting[asker];
            waiting[asker] = 0;
            ask(asker, round, readSlot);
        }
    }

    private boolean isConfirmed(final long number) {
        long voters = 0;
        for (int voter = 0; voter < confirmed.length; voter++) {
            if (confirmed[voter] >= number) {
                voters |= Configuration.bit(voter);
            }
        }
        return configuration.isPhase2(voters);
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
