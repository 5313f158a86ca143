package io.paxos.transport.tcp;

import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.TimeUnit;

/** Netty's event loop on the replica's thread, and one alarm for the timers of all connections. */
final class IoLoop extends ManualIoEventLoop {
    private static final long FAR_NS = 3_600_000_000_000L;
    private static final int SHUTDOWN_TURNS_MAX = 1_000;

    private final WakeUp wakeUp;
    private final KeptHandler handler;
    private long nextTimerNs; // no timer is due before it

    private IoLoop(final KeptHandler handler, final WakeUp wakeUp, final long nowNs) {
        super(Thread.currentThread(), handler);
        this.handler = handler;
        this.wakeUp = wakeUp;
        this.nextTimerNs = nowNs + FAR_NS;
    }

    /** A loop that the calling thread runs. */
    static IoLoop of(final TcpOptions options, final WakeUp wakeUp) {
        final KeptHandler handler = new KeptHandler(options.kind().io());
        return new IoLoop(handler, wakeUp, options.clock().nanoTime());
    }

    /**
     * The handler asks this once more after it has published that it is about to wait. From then on a waker wakes it;
     * before that, a waker only sets the flag that is read here. Without this, a wake-up between {@link WakeUp#park}
     * and that moment would be lost.
     */
    @Override
    protected boolean canBlock() {
        return wakeUp.isParked();
    }

    /** A timer is due at {@code deadlineNs}; it may be called sooner. */
    void arm(final long deadlineNs) {
        if (deadlineNs - nextTimerNs < 0) {
            nextTimerNs = deadlineNs;
        }
    }

    /** How long until a timer is due, in ns; zero or less if one is. */
    long untilTimerNs(final long nowNs) {
        return nextTimerNs - nowNs;
    }

    /** Every timer is about to be called; one that is not due yet arms again. */
    void disarm(final long nowNs) {
        nextTimerNs = nowNs + FAR_NS;
    }

    /** Closes what is left, and ends. Only the thread that runs the loop. */
    void close() {
        final Future<?> unused = shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
        for (int i = 0; i < SHUTDOWN_TURNS_MAX && !isTerminated(); i++) {
            runNow();
        }
    }

    /** Frees the selector or epoll descriptor of a loop whose thread has ended. */
    void destroyHandler() {
        handler.made.destroy();
    }

    /** Keeps the handler that Netty lets it make, because the loop does not show its own. */
    private static final class KeptHandler implements IoHandlerFactory {
        private final IoHandlerFactory factory;
        private IoHandler made; // set by the constructor of the loop

        KeptHandler(final IoHandlerFactory factory) {
            this.factory = factory;
        }

        @Override
        public IoHandler newHandler(final ThreadAwareExecutor executor) {
            made = factory.newHandler(executor);
            return made;
        }
    }
}
