package io.paxos.transfer;

import io.paxos.protocol.Configuration;
import io.paxos.spi.SnapshotStore;

/**
 * The best snapshot that other members have offered since they were asked last: the one that goes on with what is here,
 * a follower's before the leader's, a later slot before an earlier one.
 *
 * <p>Members are asked again in each round. Offers can be lost or late, and what is needed changes from round to round
 * while not all members have told it. So one round does not prove that nobody has the snapshot of which a part is here.
 * {@link #ROUNDS} of them do.
 *
 * <p>Example: half of the snapshot of slot 500 of member 2 is here. Member 3 says first that it has trimmed slots below
 * 600, so a snapshot of slot 599 or later is needed. Members 2 and 3 offer 500, 650 and 640. In this round 500 is too
 * old. Then member 2 says that it has trimmed slots below 450 only, and 500 is taken.
 */
final class SnapshotOffers {
    /** How many rounds prove that no other member has a usable snapshot. */
    static final int ROUNDS = 5;

    private final Configuration configuration;
    private final SnapshotStore store;
    private long offering; // voters that have offered any in this round, a bit each
    private int fruitless; // earlier rounds in which all others have offered some, but not what goes on

    // The best offer of this round. by is 0 if there is none.
    private int by;
    private long slot;
    private long id;
    private long length;

    SnapshotOffers(final Configuration configuration, final SnapshotStore store) {
        this.configuration = configuration;
        this.store = store;
    }

    /** Nothing was asked before. */
    void clear() {
        nextRound();
        fruitless = 0;
    }

    /** The members are asked again. */
    void nextRound() {
        if (offering == configuration.otherVoters() && !goesOn()) {
            fruitless++;
        }
        offering = 0;
        by = 0;
    }

    /**
     * A member has this snapshot.
     *
     * @param needed the least slot that is of use
     * @param leader is taken only if no other has one; 0 if none is known
     */
    void add(
            final int itsMember,
            final long itsSlot,
            final long itsId,
            final long itsLength,
            final long needed,
            final int leader) {
        offering |= Configuration.bit(configuration.voter(itsMember));
        if (itsSlot < needed) {
            return;
        }
        final int difference = by == 0 ? 1 : rank(itsMember, itsSlot, itsId, leader) - rank(by, slot, id, leader);
        if (difference > 0 || (difference == 0 && itsSlot > slot)) {
            by = itsMember;
            slot = itsSlot;
            id = itsId;
            length = itsLength;
        }
    }

    /** Whether the best one can be taken without loss: it goes on with what is here, or nothing is. */
    boolean goesOn() {
        return by != 0 && (store.unfinishedSlot() == 0 || isUnfinished(slot, id));
    }

    /** Whether all others are there, and none of them has a snapshot that goes on with what is here. */
    boolean isSure() {
        return fruitless >= ROUNDS;
    }

    /** The member that has offered the best one; 0 if there is none. */
    int by() {
        return by;
    }

    long slot() {
        return slot;
    }

    long id() {
        return id;
    }

    long length() {
        return length;
    }

    private int rank(final int itsMember, final long itsSlot, final long itsId, final int leader) {
        return (isUnfinished(itsSlot, itsId) ? 2 : 0) + (itsMember == leader ? 0 : 1);
    }

    private boolean isUnfinished(final long itsSlot, final long itsId) {
        return store.unfinishedSlot() == itsSlot && store.unfinishedId() == itsId;
    }
}
