package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;

/**
 * Answers whether the value of a slot is durable, from the position of the log behind each value.
 *
 * <p>Positions of the last {@code windowSlots} slots are kept, in a table by {@code slot & windowSlots - 1}. A later
 * slot overwrites the position of an older one. Then the table alone would answer "not durable" for the older slot as
 * long as the later one is not durable, and on a busy replica there is always a later one. A barrier prevents that: it
 * remembers one position of the log and the slots below it.
 *
 * <p>Example with a window of 4. Slots 1 to 4 are appended at positions 10, 20, 30, 40, all are chosen, nothing is
 * durable.
 *
 * <pre>
 * call                      barrier: slot, position   durable   answer
 * isDurable(1, 4)           4, 40 (set now)           0         no: 10 is above 0
 * the disk reaches 40; slots 5 to 8 are appended at 50, 60, 70, 80 and overwrite the table
 * isDurable(1, 4)           4, 40                     40        yes: the table says 50, but slot 1 is below the barrier
 * isDurable(5, 8)           8, 80 (moved: 40 is past) 40        no: 50 is above 40
 * the disk reaches 60
 * isDurable(5, 8)           8, 80                     60        yes: the table says 50
 * </pre>
 *
 * <p>A slot is waited for no longer than the disk needs to reach one barrier.
 */
final class Positions {
    private final AcceptorLog log;
    private final int windowSlots; // a power of two
    private final long[] positionOfSlot; // the log's end after the slot was last appended; by slot & windowSlots - 1
    private long barrierSlot; // slots through here are durable once the log is durable through barrierPosition
    private long barrierPosition; // never falls, because the end of the log never does

    Positions(final AcceptorLog log, final int windowSlots) {
        assert Integer.bitCount(windowSlots) == 1 : "windowSlots=" + windowSlots;
        this.log = log;
        this.windowSlots = windowSlots;
        positionOfSlot = new long[windowSlots];
    }

    /** The value of this slot is the last record of the log. */
    void appended(final long slot) {
        assert slot > 0 : "slot=" + slot;
        positionOfSlot[(int) slot & windowSlots - 1] = log.appendedPosition();
    }

    /**
     * Whether the value of this slot is durable here.
     *
     * <p>{@code slot} and all slots through {@code chosenThrough} are known to be chosen, so their values are in the
     * log. The answer can be no for a while after the value became durable.
     */
    boolean isDurable(final long slot, final long chosenThrough) {
        assert slot <= chosenThrough : "slot=" + slot + " chosenThrough=" + chosenThrough;
        final long durable = log.durablePosition();
        if (positionOfSlot[(int) slot & windowSlots - 1] <= durable) {
            return true;
        }
        if (barrierPosition <= durable && slot > barrierSlot) {
            barrierSlot = chosenThrough;
            barrierPosition = log.appendedPosition();
        }
        return slot <= barrierSlot && barrierPosition <= durable;
    }
}
