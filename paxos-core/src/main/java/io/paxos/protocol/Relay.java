package io.paxos.protocol;

import io.paxos.spi.Outbox;

/**
 * Tells members that have no connection to the leader how far slots are chosen, while this replica has one.
 *
 * <p>Such a member sends its commands and reads to this replica, which passes them on. It waits for their slots, so it
 * is told at once when the leader has announced more, for some ticks after it has sent something. What is passed on is
 * what the leader has said of its ballot, as far as the values are here: then the member can fetch them here.
 */
final class Relay {
    private static final int TICKS = 8; // so long a member waits before it sends its commands again

    private final Configuration configuration;
    private final int self;
    private final Learner learner;
    private final Outbox outbox;
    private final int[] ticks; // by voter: for how many more ticks it is told; 0 if it is not
    private long served; // voters with ticks, a bit each
    private long toldBallot; // in the last news
    private long toldThrough; // in the last news

    Relay(final Configuration configuration, final Learner learner, final Outbox outbox) {
        this.configuration = configuration;
        self = configuration.self();
        this.learner = learner;
        this.outbox = outbox;
        ticks = new int[configuration.size()];
    }

    /** Something of this voter was passed on. */
    void passedOn(final int voter) {
        if (ticks[voter] == 0) {
            toldBallot = Ballot.NONE; // this voter has not been told what the others have
        }
        ticks[voter] = TICKS;
        served |= Configuration.bit(voter);
    }

    /** Time has passed. */
    void tick() {
        for (long rest = served; rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (--ticks[voter] == 0) {
                served &= ~Configuration.bit(voter);
            }
        }
    }

    /** Passes on what is new. Returns the amount of work done. */
    int flush() {
        if (served == 0) {
            return 0;
        }
        final long ballot = learner.announcedBallot();
        final long through = Math.min(learner.announcedThrough(), learner.chosenThrough());
        if (ballot == toldBallot && through == toldThrough) {
            return 0;
        }
        toldBallot = ballot;
        toldThrough = through;
        for (long rest = served; rest != 0; rest = Configuration.withoutFirst(rest)) {
            outbox.now(configuration.id(Configuration.first(rest))).chosen(self, ballot, through);
        }
        return 1;
    }
}
