package io.paxos.examples.kv;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for an effect of another process or thread: looks again and again, until a deadline. */
final class Await {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private Await() {}

    /** Whether the condition came true within the limit. */
    static boolean until(final Duration limit, final BooleanSupplier condition) {
        final long beganNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - beganNs > limit.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        return true;
    }

    /** Waits for this time. */
    static void elapse(final Duration duration) {
        until(duration, () -> false);
    }
}
