package io.paxos.replica;

import io.paxos.spi.Clock;
import java.util.concurrent.TimeUnit;

/** A monotonic clock and a wall clock that a test moves. */
final class AdjustableClock implements Clock {
    private long nanos;
    private long wallMs;

    AdjustableClock(final long nanos, final long wallMs) {
        this.nanos = nanos;
        this.wallMs = wallMs;
    }

    /** Both clocks go on. */
    void pass(final long ms) {
        nanos += TimeUnit.MILLISECONDS.toNanos(ms);
        wallMs += ms;
    }

    /** Somebody sets the wall clock. */
    void jump(final long byMs) {
        wallMs += byMs;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public long epochMillis() {
        return wallMs;
    }
}
