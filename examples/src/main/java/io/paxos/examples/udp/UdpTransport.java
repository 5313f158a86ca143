package io.paxos.examples.udp;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.transport.wire.FrameIdentity;
import io.paxos.transport.wire.FrameLayout;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.FrameWriter;
import io.paxos.transport.wire.LamportClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One datagram per message. The network may lose, repeat and reorder datagrams; Paxos needs no more.
 *
 * <p>Nothing is queued here: a message is sent at once or dropped. A datagram is accepted if its checksum is right and
 * it comes from the address of the member that it names. {@code batchBytesMax} of a replica over this transport must be
 * at most {@link #VALUE_LENGTH_MAX}.
 *
 * <p>It carries no {@link io.paxos.spi.Handshake}: there is no connection before whose first message it could take
 * place. So a replica over this transport cannot check who the others are, and takes the address as proof.
 */
public final class UdpTransport implements Transport {
    /** 60 KiB: with its frame it fits into one datagram, which ends at 65,507 bytes. */
    public static final int VALUE_LENGTH_MAX = 60 << 10;

    private static final int FRAME_LENGTH_MAX = FrameLayout.frameLengthMax(VALUE_LENGTH_MAX);
    private static final int DATAGRAM_BYTES_MAX = 65_536;
    private static final int SOCKET_BUFFER_BYTES = 4 << 20; // the kernel may grant less
    private static final long NS_PER_MS = 1_000_000;

    private final FrameIdentity identity;
    private final Map<Integer, InetSocketAddress> addresses;
    private final DatagramChannel channel;
    private final Selector selector;
    private final LamportClock clock = new LamportClock();
    private final Map<Integer, Messages> senders = new HashMap<>(); // by peer
    private final FrameReader reader;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(DATAGRAM_BYTES_MAX);
    private final UnsafeBuffer frame = new UnsafeBuffer(incoming);

    private SocketAddress source; // of the datagram being read
    private long dropped;

    /**
     * Opens the socket of one replica.
     *
     * @param self the replica id, one of the addresses
     * @param addresses where each replica listens, the own one included
     * @throws UncheckedIOException if the own address is in use or not of this machine
     */
    public UdpTransport(final int self, final Map<Integer, InetSocketAddress> addresses) {
        this.addresses = Map.copyOf(addresses);
        identity = new FrameIdentity(0, 0, 0, self);
        reader =
                new FrameReader(identity, VALUE_LENGTH_MAX, clock, sender -> source.equals(this.addresses.get(sender)));
        this.addresses.forEach((id, address) -> {
            if (id != self) {
                senders.put(id, new FrameWriter(identity, clock, new Datagram(address)));
            }
        });
        try {
            channel = DatagramChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
            channel.bind(this.addresses.get(self));
            selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot listen on " + addresses.get(self), e);
        }
    }

    @Override
    public int self() {
        return identity.self();
    }

    @Override
    public boolean knows(final int replica) {
        return addresses.containsKey(replica);
    }

    /** A message to a replica without an address is dropped. */
    @Override
    public Messages to(final int replica) {
        return senders.computeIfAbsent(replica, unknown -> new FrameWriter(identity, clock, new Datagram(null)));
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        int received = 0;
        while (received < limit && channel.isOpen() && receive()) {
            if (reader.read(frame, 0, incoming.limit(), receiver) == FrameVerdict.DELIVERED) {
                received++;
            } else {
                dropped++;
            }
        }
        return received;
    }

    /** Whether there was a datagram; it lies at 0 of {@link #frame}, up to the limit of {@link #incoming}. */
    private boolean receive() {
        incoming.clear();
        try {
            source = channel.receive(incoming);
        } catch (final IOException e) {
            dropped++; // the network reports that something was lost
            return false;
        }
        incoming.flip();
        return source != null;
    }

    /** Nothing to do: each message was sent at once. */
    @Override
    public int flush() {
        return 0;
    }

    @Override
    public void await(final long timeoutNs) {
        if (!selector.isOpen()) {
            return;
        }
        try {
            if (timeoutNs <= 0) {
                selector.selectNow();
            } else {
                selector.select((timeoutNs + NS_PER_MS - 1) / NS_PER_MS);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot wait for datagrams", e);
        }
        selector.selectedKeys().clear();
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public int valueLengthMax() {
        return VALUE_LENGTH_MAX;
    }

    /** How many messages were dropped here, on sending or on receiving. */
    public long dropped() {
        return dropped;
    }

    @Override
    public void close() {
        try {
            selector.close();
            channel.close();
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot close the socket", e);
        }
    }

    /** Memory for one frame to one peer. The frame is sent when it is complete. */
    private final class Datagram implements FrameSink {
        private final InetSocketAddress address; // null: everything is dropped
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(FRAME_LENGTH_MAX);
        private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        private int length; // of the reserved frame

        Datagram(final InetSocketAddress address) {
            this.address = address;
        }

        @Override
        public MutableDirectBuffer reserve(final int frameLength) {
            if (address == null || frameLength > FRAME_LENGTH_MAX || !channel.isOpen()) {
                dropped++;
                return null;
            }
            length = frameLength;
            return buffer;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public void commit() {
            bytes.limit(length).position(0);
            try {
                if (channel.send(bytes, address) == 0) {
                    dropped++; // the socket is full
                }
            } catch (final IOException e) {
                dropped++; // no receiver, or no route to it
            }
        }
    }
}
