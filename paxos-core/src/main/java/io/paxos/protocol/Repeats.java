package io.paxos.protocol;

import io.paxos.spi.Outbox;

/**
 * Decides which proposals a leader sends again, to which voter, and when.
 *
 * <p>The first open slot that a voter has not voted for tells how far the voter is. While that slot moves, nothing is
 * sent again to this voter. If it stays, the proposal, or the vote, may be lost. It may also be slow, so three rules
 * keep repeats from filling the link that is slow already:
 *
 * <ul>
 *   <li>Nothing is repeated that the transport says is still queued here: see {@link Outbox#queued}.
 *   <li>A repeat is due one tick after the proposal has left, and later by the round trip that heartbeats measure.
 *   <li>Each repeat without progress of the voter doubles the time to the next one, up to {@link #INTERVAL_TICKS_MAX}.
 *       Progress, or the return of a voter that was silent, makes it short again.
 * </ul>
 *
 * <p>Example: slots 5 to 8 are proposed between ticks 1 and 2, voter 2 votes for 5 and is then stopped. Slot 6 stays
 * the first one without its vote. A transport that queues nothing: tick 2 finds that all have left, and at tick 3 slot
 * 5 has a vote, which is progress. Slots 6 to 8 go again at ticks 4, 6, 10, 18, 26 and so on.
 */
final class Repeats {
    /** The longest time between two repeats, in ticks. */
    static final int INTERVAL_TICKS_MAX = 8;

    private static final int SILENT_TICKS = 2; // without an answer for so long, the next answer is a return

    private final Configuration configuration;
    private final Outbox outbox;

    // By voter.
    private final long[] departed; // slots below were not queued here any more at the last tick; 0 after a repeat
    private final long[] markSlot; // slots below had been queued when queued was markPosition
    private final long[] markPosition;
    private final long[] lowest; // the first open slot without its vote, at the last tick
    private final int[] ticks; // since that slot has left or was repeated, and is the lowest
    private final int[] intervalTicks; // 1..INTERVAL_TICKS_MAX: after so many of them it is repeated
    private final int[] silentTicks; // since its last answer, 0..SILENT_TICKS

    Repeats(final Configuration configuration, final Outbox outbox) {
        this.configuration = configuration;
        this.outbox = outbox;
        final int size = configuration.size();
        departed = new long[size];
        markSlot = new long[size];
        markPosition = new long[size];
        lowest = new long[size];
        ticks = new int[size];
        intervalTicks = new int[size];
        silentTicks = new int[size];
    }

    /** A leadership begins. Nothing is proposed yet; {@code fromSlot} comes first. */
    void begin(final long fromSlot) {
        for (int voter = 0; voter < lowest.length; voter++) {
            departed[voter] = fromSlot;
            markSlot[voter] = fromSlot;
            markPosition[voter] = 0;
            lowest[voter] = fromSlot;
            ticks[voter] = 0;
            intervalTicks[voter] = 1;
            silentTicks[voter] = 0;
        }
    }

    /** The voter has answered a heartbeat. */
    void heard(final int voter) {
        if (silentTicks[voter] == SILENT_TICKS) {
            intervalTicks[voter] = 1; // what was sent while it was away is lost
        }
        silentTicks[voter] = 0;
    }

    /**
     * Time has passed. Returns a limit: the open slots below it that the voter has not voted for are to be sent again
     * now, and {@link #repeated} is to be called. 0: nothing is.
     *
     * @param lowestOpen the first open slot that the voter has not voted for; {@code nextSlot} if there is none
     * @param roundTripTicks how many ticks a heartbeat and its answer take
     */
    long limitAfterTick(final int voter, final long lowestOpen, final long nextSlot, final int roundTripTicks) {
        silentTicks[voter] = Math.min(SILENT_TICKS, silentTicks[voter] + 1);
        final long departedBefore = departed[voter];
        look(voter, nextSlot);
        if (lowestOpen != lowest[voter]) {
            lowest[voter] = lowestOpen;
            intervalTicks[voter] = 1;
            ticks[voter] = 0;
        } else if (lowestOpen >= departedBefore) {
            ticks[voter] = 0;
        } else if (++ticks[voter] >= intervalTicks[voter] + roundTripTicks) {
            return departedBefore;
        }
        return 0;
    }

    /** Looks which proposals have left. */
    private void look(final int voter, final long nextSlot) {
        final int id = configuration.id(voter);
        final long queued = outbox.queued(id);
        final long written = outbox.written(id);
        if (written >= queued) {
            departed[voter] = nextSlot;
        } else if (written >= markPosition[voter]) {
            departed[voter] = Math.max(departed[voter], markSlot[voter]);
            markSlot[voter] = nextSlot;
            markPosition[voter] = queued;
        }
    }

    /** What was to be sent again to this voter is queued. */
    void repeated(final int voter, final long nextSlot) {
        ticks[voter] = 0;
        intervalTicks[voter] = Math.min(INTERVAL_TICKS_MAX, 2 * intervalTicks[voter]);
        final int id = configuration.id(voter);
        if (outbox.written(id) < outbox.queued(id)) {
            departed[voter] = 0;
            markSlot[voter] = nextSlot;
            markPosition[voter] = outbox.queued(id);
        }
    }
}
