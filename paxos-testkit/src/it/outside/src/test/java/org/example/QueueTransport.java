package org.example;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames in a bounded queue for each member: what does not fit is lost. */
class QueueTransport implements Transport {
    static final int VALUE_LENGTH_MAX = 4_096;
    private static final int FRAME_LENGTH_MAX = FrameLayout.frameLengthMax(VALUE_LENGTH_MAX);
    private static final int FRAMES_MAX = 1_000;
    private static final byte[] WAKE_UP = {};

    private final FrameIdentity identity;
    private final LamportClock clock = new LamportClock();
    private final FrameReader reader;
    private final Map<Integer, BlockingQueue<byte[]>> network; // by member
    private final BlockingQueue<byte[]> own = new ArrayBlockingQueue<>(FRAMES_MAX);
    private final Map<Integer, Messages> senders = new HashMap<>(); // by peer
    private byte[] arrivedInAwait = WAKE_UP;
    private boolean isClosed;

    QueueTransport(final int self, final Map<Integer, BlockingQueue<byte[]>> network) {
        this.network = network;
        identity = new FrameIdentity(0, 0, 0, self);
        reader = new FrameReader(identity, VALUE_LENGTH_MAX, clock, sender -> true);
        network.put(self, own);
    }

    /** Whether there was room for it. */
    boolean send(final int to, final byte[] frame) {
        final BlockingQueue<byte[]> peer = network.get(to);
        return peer != null && !isClosed && peer.offer(frame);
    }

    @Override
    public Messages to(final int replica) {
        return senders.computeIfAbsent(replica, to -> new FrameWriter(identity, clock, new Frames(to)));
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        int received = 0;
        byte[] frame = arrivedInAwait;
        arrivedInAwait = WAKE_UP;
        while (frame != null && !isClosed) {
            if (frame != WAKE_UP
                    && reader.read(new UnsafeBuffer(frame), 0, frame.length, receiver) == FrameVerdict.DELIVERED) {
                received++;
            }
            frame = received < limit ? own.poll() : null;
        }
        return received;
    }

    @Override
    public int flush() {
        return 0; // everything has left already
    }

    @Override
    public void await(final long timeoutNs) {
        if (arrivedInAwait != WAKE_UP) {
            return;
        }
        try {
            final byte[] frame = own.poll(timeoutNs, TimeUnit.NANOSECONDS);
            arrivedInAwait = frame == null ? WAKE_UP : frame;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void wakeup() {
        own.offer(WAKE_UP); // if there is no room for it then nobody waits
    }

    @Override
    public int valueLengthMax() {
        return VALUE_LENGTH_MAX;
    }

    @Override
    public void close() {
        isClosed = true;
        network.remove(identity.self(), own);
    }

    /** Each frame is an array of its own. */
    private final class Frames implements FrameSink {
        private final int to;
        private byte[] frame;

        Frames(final int to) {
            this.to = to;
        }

        @Override
        public MutableDirectBuffer reserve(final int length) {
            if (length > FRAME_LENGTH_MAX) {
                return null;
            }
            frame = new byte[length];
            return new UnsafeBuffer(frame);
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public void commit() {
            send(to, frame);
        }
    }
}
