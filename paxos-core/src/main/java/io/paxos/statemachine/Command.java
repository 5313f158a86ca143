package io.paxos.statemachine;

import org.agrona.DirectBuffer;

/** A chosen command, as a view that is valid only while it is applied. */
public interface Command {
    /** The slot in which it was chosen, >= 1; a slot may hold many commands. */
    long slot();

    /**
     * Cluster time in milliseconds since 1970, the same on every replica: that of the leader that proposed it, never
     * falling from one command to the next. The only clock that a state machine may look at. It is not far ahead of the
     * clocks of a majority: see {@code clockAheadMaxMs} of the builder.
     */
    long timeMs();

    DirectBuffer buffer();

    int offset();

    int length();
}
