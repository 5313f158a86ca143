package io.paxos.benchmarks.load;

import org.agrona.DirectBuffer;

/** What a client talks to. One thread, the client's, calls everything. */
public interface Target {
    /**
     * Submits a command, which begins with its sequence; the bytes are the caller's again on return. False: not taken, try
     * again.
     */
    boolean submit(DirectBuffer command, int offset, int length);

    /** Reads the counter so that the answer is linearizable and confirmed by a quorum. False: not taken, try again. */
    boolean read(long sequence);

    /** Drives what needs the client's thread; the amount of work done. */
    default int poll() {
        return 0;
    }
}
