package io.paxos.transport.tcp;

import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.TransportCounters;
import org.agrona.MutableDirectBuffer;

/** Where messages go to a replica that is not among the addresses, or that is ourselves: they are dropped and counted. */
record DroppingSink(TransportCounters counters) implements FrameSink {
    @Override
    public MutableDirectBuffer reserve(final int length) {
        counters.droppedDisconnected(1);
        return null;
    }

    @Override
    public int offset() {
        throw new IllegalStateException("nothing was claimed");
    }

    @Override
    public void commit() {
        throw new IllegalStateException("nothing was claimed");
    }
}
