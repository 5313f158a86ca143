package io.paxos.protocol;

import io.paxos.spi.Probe;

/**
 * The role of this replica, and the ballot that it follows.
 *
 * <p>A candidate or leader follows its own ballot. A follower follows the ballot of its leader, or the highest one that
 * it knows to be in a leader's way. The ballot followed is not below the one promised: what raises the promise calls
 * {@link #follow} next. These are all transitions. Each is a method, which refuses what the table does not allow.
 *
 * <pre>
 * from                method         to          new ballot                      because
 * any                 follow         FOLLOWER    above the one followed          it was promised here, or elsewhere
 * FOLLOWER            followLeader   FOLLOWER    not below the one promised      its owner says that it leads
 * CANDIDATE, LEADER   followLeader   FOLLOWER    above the one followed          its owner says that it leads
 * CANDIDATE, LEADER   resign         FOLLOWER    the same                        too few members support it
 * any                 campaign       CANDIDATE   own, above followed, promised   nobody leads, or a member follows a
 *                                                                                higher ballot in which nobody leads
 * CANDIDATE           lead           LEADER      the same, which is promised     a quorum has promised it
 * </pre>
 *
 * <p>Only {@code followLeader} can lower the ballot. Example: promised is 3.1, and this replica follows 5.2, because a
 * member that has promised 5.2 has refused something. Candidate 2 is gone, and leader 1 still leads in 3.1. This
 * replica follows it again.
 */
final class Standing {
    private final int self;
    private final Probe probe;
    private final Runnable onChange;
    private Role role = Role.FOLLOWER;
    private long ballot; // the one followed; owned by self unless role is FOLLOWER

    /** A follower of the highest ballot promised before. {@code onChange} is called after each later transition. */
    Standing(final Configuration configuration, final long promised, final Probe probe, final Runnable onChange) {
        self = configuration.self();
        this.probe = probe;
        this.onChange = onChange;
        ballot = promised;
        probe.follower(ballot);
    }

    Role role() {
        return role;
    }

    /** The ballot followed. {@link Ballot#NONE} if none is known. */
    long ballot() {
        return ballot;
    }

    boolean isFollower() {
        return role == Role.FOLLOWER;
    }

    boolean isCandidate() {
        return role == Role.CANDIDATE;
    }

    boolean isLeader() {
        return role == Role.LEADER;
    }

    /** A follower of this ballot already. */
    boolean isFollowing(final long otherBallot) {
        return isFollower() && ballot == otherBallot;
    }

    /** A higher ballot than the one followed was promised, here or by another member. */
    void follow(final long higher) {
        Safety.require(higher > ballot, "a replica follows a higher ballot than before", ballot + 1, higher);
        becomeFollower(higher);
    }

    /** The owner of this ballot says that it leads in it with a quorum. */
    void followLeader(final long leaders, final long promised) {
        Safety.require(leaders >= promised, "the ballot followed is not below the promise", promised, leaders);
        if (!isFollower()) {
            assert leaders > ballot : "leaders=" + leaders + " ballot=" + ballot + " role=" + role;
        }
        becomeFollower(leaders);
    }

    /** Too few members support this candidate or leader. */
    void resign() {
        assert !isFollower() : "role=" + role + " ballot=" + ballot;
        becomeFollower(ballot);
    }

    /** This replica asks for promises to a ballot of its own. */
    void campaign(final long own, final long promised) {
        Safety.require(Ballot.owner(own) == self, "a candidate asks in a ballot of its own", self, Ballot.owner(own));
        Safety.require(own > ballot, "a candidate's ballot is above the one followed", ballot + 1, own);
        Safety.require(own > promised, "a candidate's ballot is above the one promised", promised + 1, own);
        role = Role.CANDIDATE;
        ballot = own;
        probe.candidate(own);
        onChange.run();
    }

    /** A quorum has promised the ballot of this candidate, which is the highest that this replica has promised. */
    void lead(final long promised) {
        Safety.require(
                isCandidate(), "only a candidate becomes leader (ballot followed, ballot promised)", ballot, promised);
        Safety.require(promised == ballot, "a leader has promised its own ballot", ballot, promised);
        role = Role.LEADER;
        probe.leader(ballot);
        onChange.run();
    }

    private void becomeFollower(final long newBallot) {
        role = Role.FOLLOWER;
        ballot = newBallot;
        probe.follower(newBallot);
        onChange.run();
    }

    @Override
    public String toString() {
        return role + " of " + Ballot.text(ballot);
    }
}
