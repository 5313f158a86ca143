package io.paxos.benchmarks.load;

import org.agrona.DirectBuffer;

/** What a client sends operations to. Only the client's thread calls it. */
public interface Target {
    /**
     * Submits a command, which begins with its sequence. The caller may change the bytes after the return. False: the
     * command was not taken; try again.
     */
    boolean submit(DirectBuffer command, int offset, int length);

    /** Reads the counter, linearizably and confirmed by a quorum. False: the read was not taken; try again. */
    boolean read(long sequence);

    /** Does the work that needs the client's thread; returns how much was done. */
    default int poll() {
        return 0;
    }
}
