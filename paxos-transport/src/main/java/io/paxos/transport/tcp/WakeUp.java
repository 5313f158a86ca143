package io.paxos.transport.tcp;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One sleeper, many wakers, no wake-up lost, and no system call for somebody who is awake.
 *
 * <p>The owner goes {@code AWAKE -> PARKED -> AWAKE}; a waker sets {@code WOKEN} from either, and only the one that found
 * {@code PARKED} has to kick.
 */
final class WakeUp {
    /** The owner is at work, and nobody wants him sooner. */
    private static final int AWAKE = 0;
    /** The owner sleeps, or is about to. */
    private static final int PARKED = 1;
    /** Somebody wants the owner; holds until his next sleep, which it prevents. */
    private static final int WOKEN = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);

    /** Owner: whether it may sleep now; if not, the wake-up that prevents it is used up. */
    boolean park() {
        if (state.compareAndSet(AWAKE, PARKED)) {
            return true;
        }
        state.set(AWAKE);
        return false;
    }

    /** Owner: the sleep is over, and any wake-up that came during it has had its effect. */
    void unpark() {
        state.set(AWAKE);
    }

    /** Owner: still asleep, and nobody minds. */
    boolean isParked() {
        return state.get() == PARKED;
    }

    /** Any thread: asks for the owner; true if the caller has to kick it out of its sleep. */
    boolean request() {
        return state.get() != WOKEN && state.getAndSet(WOKEN) == PARKED;
    }
}
