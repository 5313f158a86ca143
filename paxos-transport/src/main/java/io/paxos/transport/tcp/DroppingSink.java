package io.paxos.transport.tcp;

import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.TransportCounters;
import org.agrona.MutableDirectBuffer;

/** Drops and counts the messages to a replica that is not a peer: it has no address, or is this replica itself. */
record DroppingSink(TransportCounters counters) implements FrameSink {
    @Override
    public MutableDirectBuffer reserve(final int length) {
        counters.droppedDisconnected(1);
        return null;
    }

    @Override
    public int offset() {
        throw new IllegalStateException("nothing is reserved");
    }

    @Override
    public void commit() {
        throw new IllegalStateException("nothing is reserved");
    }
}
