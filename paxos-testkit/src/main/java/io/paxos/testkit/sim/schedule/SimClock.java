package io.paxos.testkit.sim.schedule;

import io.paxos.spi.Clock;

/**
 * One member's clock: virtual time with an origin and a rate of its own, and a wall clock that can jump.
 *
 * <p>Virtual time stands still while a replica runs. What its code spends is added to its own clock, and moves the
 * other members nowhere: until virtual time has come as far, the member is busy.
 */
public final class SimClock implements Clock {
    private static final long MILLION = 1_000_000;
    private static final long EPOCH_MS = 1_700_000_000_000L;

    private final EventQueue events;
    private final long originNs;
    private final long driftPerMillion;
    private long skewMs; // the sum of all jumps of the wall clock
    private long spentNs; // by the turn that runs now; 0 between turns

    /** {@code driftPerMillion} is the gain in microseconds per second of virtual time; it can be negative. */
    public SimClock(final EventQueue events, final long originNs, final long driftPerMillion) {
        this.events = events;
        this.originNs = originNs;
        this.driftPerMillion = driftPerMillion;
    }

    @Override
    public long nanoTime() {
        return originNs + elapsed(events.nowNs() + spentNs);
    }

    /** The turn that runs now takes {@code durationNs} of virtual time more. */
    public void spend(final long durationNs) {
        spentNs += durationNs;
    }

    /** What the turn that runs now has spent so far. */
    public long spentNs() {
        return spentNs;
    }

    /** The turn is over. Returns what it has spent: the member is busy for so long. */
    public long takeSpentNs() {
        final long spent = spentNs;
        spentNs = 0;
        return spent;
    }

    @Override
    public long epochMillis() {
        return EPOCH_MS + skewMs + elapsed(events.nowNs()) / MILLION;
    }

    /** Sets the wall clock forward, or back. */
    public void jump(final long byMs) {
        skewMs += byMs;
    }

    /** The first moment of virtual time at which this clock shows {@code localNs} or later. */
    public long virtualTime(final long localNs) {
        final long target = localNs - originNs;
        if (target <= 0) {
            return 0;
        }
        if (target > Long.MAX_VALUE / (2 * MILLION)) {
            return Long.MAX_VALUE / 4;
        }
        long time = target * MILLION / (MILLION + driftPerMillion);
        while (elapsed(time) < target) {
            time++;
        }
        return time;
    }

    private long elapsed(final long virtualNs) {
        return virtualNs + virtualNs * driftPerMillion / MILLION;
    }
}
