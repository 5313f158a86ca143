package io.paxos.transport.tcp;

import io.paxos.spi.Clock;

/** Time that passes when the test says so. */
final class ManualClock implements Clock {
    private long nowNs;

    void advance(final long ns) {
        nowNs += ns;
    }

    @Override
    public long nanoTime() {
        return nowNs;
    }

    @Override
    public long epochMillis() {
        return nowNs / 1_000_000;
    }
}
