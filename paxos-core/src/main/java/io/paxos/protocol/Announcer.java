package io.paxos.protocol;

import io.paxos.spi.Outbox;

/**
 * Tells the other members how far slots are chosen, while this replica leads.
 *
 * <p>Proposals carry the chosen prefix too, so most members need no message of their own. A member that has forwarded
 * commands waits for their outcome: it is sent at once, until all that was proposed is chosen.
 */
final class Announcer {
    private final Configuration configuration;
    private final int self;
    private final Outbox outbox;
    private long ballot; // the own one
    private long announcedThrough; // the chosen prefix that was last sent to waiting members; 0 before the first time
    private long waiting; // voters whose commands are not chosen yet, as far as is known, a bit each

    Announcer(final Configuration configuration, final Outbox outbox) {
        this.configuration = configuration;
        self = configuration.self();
        this.outbox = outbox;
    }

    /** A leadership begins. */
    void begin(final long newBallot) {
        assert newBallot > ballot : "newBallot=" + newBallot + " ballot=" + ballot;
        ballot = newBallot;
        announcedThrough = 0;
        waiting = 0;
    }

    /** This voter has forwarded commands. */
    void waits(final int voter) {
        waiting |= Configuration.bit(voter);
    }

    /** Sends the chosen prefix to the members that wait, if it has grown since. Returns the amount of work done. */
    int announceToWaiting(final long chosenThrough, final long nextSlot) {
        if (waiting == 0 || chosenThrough == announcedThrough) {
            return 0;
        }
        assert chosenThrough > announcedThrough
                : "chosenThrough=" + chosenThrough + " announcedThrough=" + announcedThrough;
        announce(waiting & configuration.otherVoters(), chosenThrough);
        announcedThrough = chosenThrough;
        if (nextSlot == chosenThrough + 1) {
            waiting = 0;
        }
        return 1;
    }

    /** Tells all other members. */
    void announceToAll(final long chosenThrough) {
        announce(configuration.otherVoters(), chosenThrough);
    }

    private void announce(final long voters, final long chosenThrough) {
        for (long rest = voters; rest != 0; rest = Configuration.withoutFirst(rest)) {
            outbox.now(configuration.id(Configuration.first(rest))).chosen(self, ballot, chosenThrough);
        }
    }
}
