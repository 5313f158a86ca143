package io.paxos.transport.tcp;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;

/** Netty's event loop on the replica's thread, and the timers of the connections: it is told when to look, not what for. */
final class IoLoop extends ManualIoEventLoop {
    private static final long FAR_NS = 3_600_000_000_000L;

    private final WakeUp wakeUp;
    private long nextTimerNs;

    IoLoop(final Thread owner, final IoHandlerFactory io, final WakeUp wakeUp, final long nowNs) {
        super(owner, io);
        this.wakeUp = wakeUp;
        this.nextTimerNs = nowNs + FAR_NS;
    }

    /**
     * Asked by the handler once more when it has published that it is about to wait: from here on a waker kicks, before it
     * only sets the flag that we read. Without this, a wake-up between {@link WakeUp#park} and that moment would be lost.
     */
    @Override
    protected boolean canBlock() {
        return wakeUp.isParked();
    }

    /** Somebody has something to do at {@code deadlineNs}, or may be asked sooner. */
    void arm(final long deadlineNs) {
        if (deadlineNs - nextTimerNs < 0) {
            nextTimerNs = deadlineNs;
        }
    }

    /** How long until a timer is due, in ns; zero or less if one is. */
    long untilTimerNs(final long nowNs) {
        return nextTimerNs - nowNs;
    }

    /** All timers are about to be looked at; those that still have something to do arm anew. */
    void disarm(final long nowNs) {
        nextTimerNs = nowNs + FAR_NS;
    }
}
