package io.paxos.transport.wire;

/**
 * Orders frames by what could have caused what: one step per frame sent, and past everything heard. One thread.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/time-clocks.pdf">Time, Clocks and the Ordering of Events, IR1-2</a>
 */
public final class LamportClock {
    private long time;

    /** The time of the last event here; 0 before the first. */
    public long time() {
        return time;
    }

    /** Steps for a frame that is being sent, and returns its time. */
    public long tick() {
        return ++time;
    }

    /** Steps past {@code received}, the time of a frame that was received. */
    public void witness(final long received) {
        time = Math.max(time, received) + 1;
    }
}
