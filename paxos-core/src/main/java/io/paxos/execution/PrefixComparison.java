package io.paxos.execution;

import io.paxos.protocol.Configuration;

/**
 * Compares what this replica has applied with what the others have: by checksums at every 8th slot.
 *
 * <p>The own checksums of the last 4,096 such slots are kept. A checksum of another member for a slot that is not
 * applied here yet is remembered, one for each member, and compared when this replica gets there. An older slot than
 * those that are kept is not compared.
 *
 * <p>Example: this replica has applied 30 slots, and keeps the checksums of 8, 16 and 24.
 *
 * <ul>
 *   <li>Member 2 tells 16, and it is equal: both have the same through 16.
 *   <li>Member 2 tells 32: remembered. What it tells of 40 meanwhile is not. Slot 32 is applied here, and compared.
 *   <li>Not equal: the first slot that differs is in 17..32, for the checksum of a slot covers all before it.
 * </ul>
 *
 * <p>Pure. One thread; allocates nothing unless members differ.
 */
public final class PrefixComparison {
    /** Checksums are compared at multiples of this slot. The same on all members, for ever. */
    public static final int INTERVAL = 8;

    /** In the place of a checksum of replies: none is made. */
    public static final long NOT_COMPARED = -1;

    static final int KEPT = 4096;

    private final Configuration configuration;

    // The own checksums. Slot s is at the place s / INTERVAL mod KEPT.
    private final long[] values = new long[KEPT];
    private final long[] replies = new long[KEPT];
    private long reached; // the last such slot that is applied; a multiple of INTERVAL; never falls
    private long unknownThrough; // slots through this one have no own checksum; at most reached

    // Of each other member, by voter.
    private final long[] aheadSlot; // above reached; 0 if nothing is remembered
    private final long[] aheadValues;
    private final long[] aheadReplies;
    private final long[] equalThrough; // the last slot with equal values; at most reached; never falls
    private final long[] repliesEqualThrough; // the last slot with equal replies; at most reached; never falls
    private long ahead; // voters with an aheadSlot, a bit each

    private int differs; // the id of the first member found to differ; 0 if none does
    private long differsAt; // the slot at which it does; 0 if none does
    private DivergedException divergence; // null if none does

    public PrefixComparison(final Configuration configuration) {
        this.configuration = configuration;
        final int size = configuration.size();
        aheadSlot = new long[size];
        aheadValues = new long[size];
        aheadReplies = new long[size];
        equalThrough = new long[size];
        repliesEqualThrough = new long[size];
    }

    /** Whether a checksum of this slot is compared. */
    public static boolean isCompared(final long slot) {
        return (slot & INTERVAL - 1) == 0;
    }

    /** The last slot with an own checksum; 0 if there is none yet. */
    public long reached() {
        return reached > unknownThrough ? reached : 0;
    }

    /** This replica begins behind this slot: nothing is known of the slots that are compared before. */
    public void resume(final long slot) {
        reached = slot - slot % INTERVAL;
        unknownThrough = reached;
        ahead = 0;
    }

    /** The own checksum of the values through this slot, one of the last that are kept. */
    public long values(final long slot) {
        return values[place(slot)];
    }

    /** The own checksum of the replies through this slot, one of the last that are kept. */
    public long replies(final long slot) {
        return replies[place(slot)];
    }

    /** This replica has applied the next slot of those that are compared. */
    public void reached(final long slot, final long ownValues, final long ownReplies) {
        assert slot == reached + INTERVAL : "slot=" + slot + " reached=" + reached;
        values[place(slot)] = ownValues;
        replies[place(slot)] = ownReplies;
        reached = slot;
        for (long rest = ahead; rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (aheadSlot[voter] == slot) {
                ahead &= ~Configuration.bit(voter);
                compare(voter, slot, aheadValues[voter], aheadReplies[voter]);
            }
        }
    }

    /** Another member tells its checksums. */
    public void told(final int from, final long slot, final long itsValues, final long itsReplies) {
        final int voter = configuration.voter(from);
        if (voter < 0 || voter == configuration.ownVoter() || slot < INTERVAL || !isCompared(slot)) {
            return;
        }
        if (slot <= reached) {
            compare(voter, slot, itsValues, itsReplies);
        } else if (!Configuration.contains(ahead, voter)) {
            ahead |= Configuration.bit(voter);
            aheadSlot[voter] = slot;
            aheadValues[voter] = itsValues;
            aheadReplies[voter] = itsReplies;
        }
    }

    /** Why this replica must stop: the first difference that was found. Null if there is none. */
    public DivergedException divergence() {
        return divergence;
    }

    /** The member that differs, or 0. */
    public int differs() {
        return differs;
    }

    /** The slot at which it differs: {@link #values} and {@link #replies} are to be told to it. */
    public long differsAt() {
        return differsAt;
    }

    private void compare(final int voter, final long slot, final long itsValues, final long itsReplies) {
        if (slot <= Math.max(unknownThrough, reached - (long) KEPT * INTERVAL) || divergence != null) {
            return;
        }
        if (itsValues != values(slot)) {
            found(
                    voter,
                    slot,
                    valuesDiffer(configuration.id(voter), firstSlot(equalThrough[voter], slot), slot, itsValues));
            return;
        }
        equalThrough[voter] = Math.max(equalThrough[voter], slot);
        if (itsReplies == NOT_COMPARED || replies(slot) == NOT_COMPARED) {
            return;
        }
        if (itsReplies != replies(slot)) {
            final long first = firstSlot(repliesEqualThrough[voter], slot);
            found(voter, slot, repliesDiffer(configuration.id(voter), first, slot, itsReplies));
            return;
        }
        repliesEqualThrough[voter] = Math.max(repliesEqualThrough[voter], slot);
    }

    private void found(final int voter, final long slot, final String message) {
        differs = configuration.id(voter);
        differsAt = slot;
        divergence = new DivergedException(message);
    }

    /** A message may come late: what was equal later says nothing of a slot before it. */
    private static long firstSlot(final long equalThrough, final long slot) {
        return equalThrough < slot ? equalThrough + 1 : 1;
    }

    private String valuesDiffer(final int from, final long first, final long slot, final long itsValues) {
        return "replicas " + configuration.self() + " and " + from + " have other values in slots " + first + ".."
                + slot
                + ", and both call them chosen: the CRC32C of all values through slot " + slot + " is "
                + text(values(slot)) + " here and " + text(itsValues)
                + " there. Both stop, their data is kept. Stop all"
                + " replicas, keep a copy of each data directory, and look for what broke a rule of Paxos: quorums or"
                + " members that were not the same everywhere, a disk that was emptied, exchanged or restored. Start"
                + " none of the two before it is known which of them has the values that were acknowledged";
    }

    private String repliesDiffer(final int from, final long first, final long slot, final long itsReplies) {
        return "replicas " + configuration.self() + " and " + from
                + " have the same values, and other replies in slots "
                + first + ".." + slot + ": the CRC32C of all replies through slot " + slot + " is "
                + text(replies(slot)) + " here and " + text(itsReplies) + " there. The state machine is not"
                + " deterministic, or not the same on both, so their states differ as well. Both stop, their data is"
                + " kept. Stop all replicas, and give all of them one state machine whose replies depend on its"
                + " commands alone. Delete the snapshots of each, but not the log: they execute it again when they"
                + " start. A log that was trimmed cannot be executed again: keep the state of the one that is right";
    }

    private static String text(final long checksum) {
        return String.format("%08x", checksum);
    }

    private static int place(final long slot) {
        return (int) (slot / INTERVAL) & KEPT - 1;
    }
}
