package io.paxos.execution;

import io.paxos.spi.Clock;

/**
 * Tells how far the log of an earlier life has been executed.
 *
 * <p>A replica starts with the state of its snapshot, or with none. What it knew to be chosen above that, it executes
 * again: the replay. It takes many turns, in each of which other members get their answers. What is chosen after the
 * start is no part of it.
 *
 * <p>Example: the snapshot is of slot 1000, and the log knows slots through 5000 as chosen. {@code 0 of 4000} is told
 * before slot 1001 is executed, {@code 2304 of 4000} a second later, and {@code 4000 of 4000} after slot 5000.
 *
 * <p>The replica's thread only.
 */
public final class Replay {
    /** Told of the progress. */
    public interface Progress {
        /** {@code slots} of {@code ofSlots} slots were executed within {@code durationNs}: all of them at the end. */
        void replayed(long slots, long ofSlots, long durationNs);
    }

    private static final long TELL_NS = 1_000_000_000;

    private final Applier applier;
    private final ExecutionState state;
    private final Clock clock;
    private final Progress progress;
    private final long throughSlot; // the last slot of the replay; 0 if there is none
    private long afterSlot; // the state that the replay began with; means nothing before it has begun
    private long beganNs;
    private long toldNs; // when the progress was told last
    private boolean hasBegun; // never false again
    private boolean isOver; // never false again

    /** A replay of all that {@code state} lacks through {@code throughSlot}, which is chosen. */
    public Replay(
            final Applier applier,
            final ExecutionState state,
            final long throughSlot,
            final Clock clock,
            final Progress progress) {
        this.applier = applier;
        this.state = state;
        this.throughSlot = throughSlot;
        this.clock = clock;
        this.progress = progress;
    }

    /** Applies as {@link Applier#run} does, and tells the progress as long as this is a replay. */
    public int run(final boolean endsWithSlot) {
        return isOver ? applier.run(endsWithSlot) : replay(endsWithSlot);
    }

    private int replay(final boolean endsWithSlot) {
        if (!hasBegun && state.appliedThrough() < throughSlot && !applier.lacksTrimmed()) {
            begin();
        }
        final int slots = applier.run(endsWithSlot);
        if (state.appliedThrough() >= throughSlot) {
            isOver = true;
        }
        if (hasBegun) {
            tellIfDue();
        }
        return slots;
    }

    private void begin() {
        hasBegun = true;
        afterSlot = state.appliedThrough();
        beganNs = clock.nanoTime();
        tell(beganNs);
    }

    private void tellIfDue() {
        final long nowNs = clock.nanoTime();
        if (isOver || nowNs - toldNs >= TELL_NS) {
            tell(nowNs);
        }
    }

    private void tell(final long nowNs) {
        toldNs = nowNs;
        final long slots = Math.min(state.appliedThrough(), throughSlot) - afterSlot; // a snapshot may lead further
        progress.replayed(slots, throughSlot - afterSlot, nowNs - beganNs);
    }
}
