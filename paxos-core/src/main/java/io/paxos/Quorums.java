package io.paxos;

/**
 * How many of the members make a quorum: {@code phase1} promises elect, {@code phase2} acceptances choose.
 *
 * <p>Any phase-1 quorum must meet any phase-2 quorum, or a new leader might not learn of a chosen value; two phase-2
 * quorums need not meet.
 *
 * @param members 1..64 voters
 * @param phase1 size of a quorum of promises
 * @param phase2 size of a quorum of acceptances
 * @see <a href="https://arxiv.org/abs/1608.06696">Flexible Paxos, Howard, Malkhi, Spiegelman 2016, section 4</a>
 */
public record Quorums(int members, int phase1, int phase2) {
    public Quorums {
        if (members < 1 || members > Long.SIZE) {
            throw new IllegalArgumentException("members must be 1.." + Long.SIZE + ": " + members);
        }
        if (phase1 < 1 || phase1 > members || phase2 < 1 || phase2 > members) {
            throw new IllegalArgumentException(
                    "a quorum must be 1.." + members + " members: phase1=" + phase1 + " phase2=" + phase2);
        }
        if (phase1 + phase2 <= members) {
            throw new IllegalArgumentException(
                    "quorums must intersect: " + phase1 + " + " + phase2 + " must exceed " + members + " members");
        }
    }

    /** More than half for both phases. */
    public static Quorums majority(final int members) {
        return new Quorums(members, members / 2 + 1, members / 2 + 1);
    }

    /** Flexible quorums: the sizes may differ as long as they intersect. */
    public static Quorums flexible(final int members, final int phase1, final int phase2) {
        return new Quorums(members, phase1, phase2);
    }

    /** Whether these voters, a bit each, may elect. */
    public boolean isPhase1(final long voters) {
        return Long.bitCount(voters) >= phase1;
    }

    /**
     * Whether these voters, a bit each, choose; they also meet every phase-1 quorum, so no rival was elected unseen.
     */
    public boolean isPhase2(final long voters) {
        return Long.bitCount(voters) >= phase2;
    }
}
