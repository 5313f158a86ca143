package io.paxos.protocol;

import io.paxos.Members;
import io.paxos.Quorums;

/**
 * Who takes part in one epoch, and what makes a quorum: immutable, seen from one member.
 *
 * <p>A voter is known by its index, 0..size-1, which is its place among the sorted ids. A set of voters is a {@code long}, a
 * bit for each index. A loop over such a set reads:
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

    /**
     * The configuration of an epoch >= 1, as the member {@code self} sees it.
     *
     * @throws IllegalArgumentException if {@code self} is no member, or the quorums are for another number of members
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
    }

    /** The first epoch of these members. */
    public static Configuration first(final int self, final Members members, final Quorums quorums) {
        return new Configuration(FIRST_EPOCH, self, members, quorums);
    }

    public int epoch() {
        return epoch;
    }

    /** The id of the member that sees it so. */
    public int self() {
        return self;
    }

    public Members members() {
        return members;
    }

    public Quorums quorums() {
        return quorums;
    }

    /** How many vote. */
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
        return -1L >>> (Long.SIZE - members.size());
    }

    /** All voters but this member, a bit each. */
    public long otherVoters() {
        return voters() & ~ownBit();
    }

    /** Whether these voters, a bit each, may elect. */
    public boolean isPhase1(final long voters) {
        return quorums.isPhase1(voters);
    }

    /** Whether these voters, a bit each, choose. */
    public boolean isPhase2(final long voters) {
        return quorums.isPhase2(voters);
    }

    /** Whether these voters, a bit each, can both elect and choose. */
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
