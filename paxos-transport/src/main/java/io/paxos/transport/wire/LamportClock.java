package io.paxos.transport.wire;

/**
 * A logical clock: a frame that may have caused another one has a smaller time. One thread.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/time-clocks.pdf">Time, Clocks and the Ordering of Events,
 *     IR1-2</a>
 */
public final class LamportClock {
    private long time; // 0 or more; never falls

    /** The time of the last event here; 0 before the first. */
    public long time() {
        return time;
    }

    /** The time of a frame that is being sent: one more than the last time. */
    public long tick() {
        return ++time;
    }

    /** A frame with the time {@code received} has arrived: the clock is past it afterwards. */
    public void witness(final long received) {
        time = Math.max(time, received) + 1;
    }
}
