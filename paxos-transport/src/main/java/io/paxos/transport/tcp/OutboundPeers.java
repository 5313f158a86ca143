package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import io.paxos.spi.Messages;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.LamportClock;
import io.paxos.transport.wire.TransportCounters;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntToLongFunction;
import org.agrona.collections.Int2ObjectHashMap;

/** The connections to all peers: finds one by its replica id, and does for each what is due. */
final class OutboundPeers {
    private final Int2ObjectHashMap<OutboundPeer> peerById = new Int2ObjectHashMap<>(); // never changes
    private final Int2ObjectHashMap<FrameWriter> writers = new Int2ObjectHashMap<>(); // one for each peer
    private final OutboundPeer[] peers; // the values of peerById, for loops without an iterator
    private final Messages dropping; // for every replica that is not a peer

    OutboundPeers(
            final TcpOptions options,
            final Handshaker handshaker,
            final LamportClock lamport,
            final TransportCounters counters,
            final IntToLongFunction heardNs,
            final IntConsumer onSilent) {
        final Random random = new Random(options.seed());
        for (final int id : options.addresses().keySet()) {
            if (options.isPeer(id)) {
                final OutboundPeer peer =
                        new OutboundPeer(id, options, handshaker, counters, random, heardNs, onSilent);
                peerById.put(id, peer);
                writers.put(id, new FrameWriter(options.identity(), lamport, peer));
            }
        }
        peers = peerById.values().toArray(new OutboundPeer[0]);
        dropping = new FrameWriter(options.identity(), lamport, new DroppingSink(counters));
    }

    /** The sender to this replica; one that drops everything if it is not a peer. */
    Messages sender(final int replica) {
        final FrameWriter writer = writers.get(replica);
        return writer == null ? dropping : writer;
    }

    /** Null if this replica is not a peer. */
    OutboundPeer get(final int replica) {
        return peerById.get(replica);
    }

    void start(final IoLoop loop) {
        for (final OutboundPeer peer : peers) {
            peer.start(loop);
        }
    }

    /** One write for each peer that has something to send. Returns the number of writes. */
    int flush() {
        int writes = 0;
        for (final OutboundPeer peer : peers) {
            writes += peer.flush();
        }
        return writes;
    }

    /** How long until a proposal that is held back must be flushed, in ns; {@code Long.MAX_VALUE} if none is. */
    long untilDueNs(final long nowNs) {
        long untilDueNs = Long.MAX_VALUE;
        for (final OutboundPeer peer : peers) {
            untilDueNs = Math.min(untilDueNs, peer.untilDueNs(nowNs));
        }
        return untilDueNs;
    }

    void onTimer(final long nowNs) {
        for (final OutboundPeer peer : peers) {
            peer.onTimer(nowNs);
        }
    }

    /** See {@link OutboundPeer#redial}. */
    void redial(final long nowNs) {
        for (final OutboundPeer peer : peers) {
            peer.redial(nowNs);
        }
    }

    void close() {
        for (final OutboundPeer peer : peers) {
            peer.close();
        }
    }

    /** Frees the memory of each peer, whatever became of its channel, which {@code abandon} gets before. */
    void release(final Consumer<Channel> abandon) {
        for (final OutboundPeer peer : peers) {
            peer.forEachChannel(abandon);
            peer.release();
        }
    }
}
