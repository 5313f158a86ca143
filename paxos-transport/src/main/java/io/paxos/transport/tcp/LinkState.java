package io.paxos.transport.tcp;

/** What the kernel knows of a connection: whether the other kernel acknowledges what is sent to it. */
final class LinkState {
    private boolean known; // false: this kind of socket does not tell, and the rest means nothing
    private boolean waiting; // bytes are sent and not acknowledged
    private boolean repeating; // they have been sent again, and nothing was acknowledged since
    private long acknowledgedNs; // how long ago the last acknowledgement came
    private long roundTripNs; // smoothed

    void unknown() {
        known = false;
    }

    void known(final boolean isWaiting, final boolean isRepeating, final long sinceAckNs, final long rttNs) {
        known = true;
        waiting = isWaiting;
        repeating = isRepeating;
        acknowledgedNs = sinceAckNs;
        roundTripNs = rttNs;
    }

    boolean isKnown() {
        return known;
    }

    boolean isWaiting() {
        return waiting;
    }

    boolean isRepeating() {
        return repeating;
    }

    long acknowledgedNs() {
        return acknowledgedNs;
    }

    long roundTripNs() {
        return roundTripNs;
    }
}
