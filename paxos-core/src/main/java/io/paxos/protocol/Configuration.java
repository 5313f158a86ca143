package io.paxos.protocol;

import io.paxos.Members;
import io.paxos.Quorums;

/**
 * The members of one epoch and their quorums, as one member sees them. Immutable.
 *
 * <p>A voter is known by its index, 0..size-1: its place among the sorted ids. A set of voters is a {@code long}, a bit
 * for each index. A loop over such a set:
 *
 * <pre>{@code
 * for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
 *     final int voter = Configuration.first(rest);
 * }
 * }</pre>
 *
 * <p>Example: with members 2, 5, 9 and own id 5, the own voter is 1, {@code ownBit} is 0b010 and {@code otherVoters} is
 * 0b101.
 */
public final class Configuration {
    /** The epoch of a cluster whose members have never changed. */
    public static final int FIRST_EPOCH = 1;

    private final int epoch;
    private final int self;
    private final Members members;
    private final Quorums quorums;
    private final int ownVoter; // the index of self among the members
    private final long voters; // a bit for each member
    private final long otherVoters; // voters without the own bit

    /**
     * The configuration of an epoch, 1 or higher, as the member {@code self} sees it.
     *
     * @throws IllegalArgumentException if {@code epoch} is below 1, {@code self} is no member, or the quorums are for
     *     another number of members
     */
    public Configuration(final int epoch, final int self, final Members members, final Quorums quorums) {
        if (epoch < FIRST_EPOCH) {
            throw new IllegalArgumentException("epoch must be at least " + FIRST_EPOCH + ": " + epoch);
        }
        if (!members.contains(self)) {
            throw new IllegalArgumentException("own id " + self + " is not among the members " + members);
        }
        if (quorums.members() != members.size()) {
            throw new IllegalArgumentException(
                    "quorums are for " + quorums.members() + " members, but there are " + members.size());
        }
        this.epoch = epoch;
        this.self = self;
        this.members = members;
        this.quorums = quorums;
        ownVoter = members.voter(self);
        voters = -1L >>> (Long.SIZE - members.size());
        otherVoters = voters & ~bit(ownVoter);
    }

    /** The first epoch of these members. */
    public static Configuration first(final int self, final Members members, final Quorums quorums) {
        return new Configuration(FIRST_EPOCH, self, members, quorums);
    }

    public int epoch() {
        return epoch;
    }

    /** The own id. */
    public int self() {
        return self;
    }

    public Members members() {
        return members;
    }

    public Quorums quorums() {
        return quorums;
    }

    /** The number of voters, 1..64. */
    public int size() {
        return members.size();
    }

    /** The id of the voter with this index, 0..size-1. */
    public int id(final int voter) {
        return members.id(voter);
    }

    /** The index of a member, or -1 if this id does not vote. */
    public int voter(final int id) {
        return members.voter(id);
    }

    public boolean isVoter(final int id) {
        return members.contains(id);
    }

    public int ownVoter() {
        return ownVoter;
    }

    public long ownBit() {
        return bit(ownVoter);
    }

    /** All voters, a bit each. */
    public long voters() {
        return voters;
    }

    /** All voters but this member, a bit each. */
    public long otherVoters() {
        return otherVoters;
    }

    /** Whether promises of these voters, a bit each, are enough for a leader. */
    public boolean isPhase1(final long voters) {
        return quorums.isPhase1(voters);
    }

    /** Whether votes of these voters, a bit each, choose a value. */
    public boolean isPhase2(final long voters) {
        return quorums.isPhase2(voters);
    }

    /** Whether these voters, a bit each, are enough for both phases. */
    public boolean isQuorum(final long voters) {
        return isPhase1(voters) && isPhase2(voters);
    }

    /** The set of one voter. */
    public static long bit(final int voter) {
        return 1L << voter;
    }

    public static boolean contains(final long voters, final int voter) {
        return (voters & bit(voter)) != 0;
    }

    /** The lowest index in a set that is not empty. */
    public static int first(final long voters) {
        return Long.numberOfTrailingZeros(voters);
    }

    /** The set without its lowest index. */
    public static long withoutFirst(final long voters) {
        return voters & voters - 1;
    }

    @Override
    public String toString() {
        return "epoch " + epoch + ", member " + self + " of " + members + ", quorums " + quorums.phase1() + "+"
                + quorums.phase2();
    }
}
