package io.paxos.transport.tcp;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The state of the owner's sleep. No wake-up is lost, and a wake-up of an owner that is awake needs no system call.
 *
 * <p>The owner goes {@code AWAKE -> PARKED -> AWAKE}. A waker sets {@code WOKEN} from either state; only the waker that
 * found {@code PARKED} must wake the owner by a system call.
 */
final class WakeUp {
    /** The owner works, and no wake-up is pending. */
    private static final int AWAKE = 0;
    /** The owner sleeps or is about to. */
    private static final int PARKED = 1;
    /** A wake-up is pending: it ends the present sleep, or prevents the next one. */
    private static final int WOKEN = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);

    /** Owner: whether it may sleep now. If not, the wake-up that prevents the sleep is used up. */
    boolean park() {
        if (state.compareAndSet(AWAKE, PARKED)) {
            return true;
        }
        state.set(AWAKE);
        return false;
    }

    /** Owner: the sleep is over, and so is the effect of every wake-up that came during it. */
    void unpark() {
        state.set(AWAKE);
    }

    /** Owner: no wake-up came since {@link #park}. */
    boolean isParked() {
        return state.get() == PARKED;
    }

    /** Any thread: requests a wake-up. True if the caller must wake the owner by a system call. */
    boolean request() {
        return state.get() != WOKEN && state.getAndSet(WOKEN) == PARKED;
    }
}
