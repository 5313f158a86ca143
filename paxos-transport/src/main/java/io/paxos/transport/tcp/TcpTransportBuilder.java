package io.paxos.transport.tcp;

import io.paxos.spi.Clock;
import io.paxos.transport.wire.FrameIdentity;
import java.net.InetSocketAddress;
import java.util.Map;

/** Collects the settings of a transport; {@link #open} checks them. Only the addresses have no default. */
public final class TcpTransportBuilder {
    private final int self;
    private Map<Integer, InetSocketAddress> addresses = Map.of();
    private long clusterId;
    private int groupId;
    private int epoch;
    private int sendBufferBytes = 8 << 20;
    private int valueLengthMax = (1 << 20) + (64 << 10);
    private SocketKind kind = SocketKind.best();
    private Clock clock = Clock.SYSTEM;
    private long handshakeTimeoutNs = 2_000_000_000L;
    private long silenceTimeoutNs = 1_000_000_000L;
    private long stallTimeoutNs = 5_000_000_000L;
    private long seed;

    TcpTransportBuilder(final int self) {
        this.self = self;
        this.seed = System.nanoTime() ^ (long) self << 48;
    }

    /** Where each replica listens, the own one included. */
    public TcpTransportBuilder addresses(final Map<Integer, InetSocketAddress> value) {
        addresses = value;
        return this;
    }

    /** Which cluster this is: replicas of different clusters refuse each other. 0 if not set. */
    public TcpTransportBuilder clusterId(final long value) {
        clusterId = value;
        return this;
    }

    /** Which Paxos group of the cluster this is; 0 if not set. */
    public TcpTransportBuilder groupId(final int value) {
        groupId = value;
        return this;
    }

    /** Which configuration of the group this is; 0 if not set. */
    public TcpTransportBuilder epoch(final int value) {
        epoch = value;
        return this;
    }

    /** How many bytes may wait for one peer; 8 MiB if not set. At least twice the longest frame. */
    public TcpTransportBuilder sendBufferBytes(final int value) {
        sendBufferBytes = value;
        return this;
    }

    /** The longest value in bytes; 1 MiB and 64 KiB if not set, so that a command of 1 MiB fits. */
    public TcpTransportBuilder valueLengthMax(final int value) {
        valueLengthMax = value;
        return this;
    }

    /** Uses the sockets of the JDK also where epoll is available. */
    public TcpTransportBuilder withoutEpoll() {
        kind = SocketKind.NIO;
        return this;
    }

    /** The source of time; that of the machine if not set. */
    public TcpTransportBuilder clock(final Clock value) {
        clock = value;
        return this;
    }

    /** How long a new connection may take until its handshake is complete; 2 s if not set. */
    public TcpTransportBuilder handshakeTimeoutNs(final long value) {
        handshakeTimeoutNs = value;
        return this;
    }

    /**
     * How long a peer may acknowledge nothing of what is sent to it until it is connected anew; 1 s if not set.
     *
     * <p>TCP waits longer with each repeat: after a cut of 30 s up to 25 s. The timeout is above the pauses in which
     * TCP repeats a lost packet for the first two times (0.2 and 0.4 s), and at least four round trips of the
     * connection. With epoll the kernel of the peer has to acknowledge, not its process, so a pause of the process
     * ends no connection. With the sockets of the JDK a peer that has sent frames must send one.
     */
    public TcpTransportBuilder silenceTimeoutNs(final long value) {
        silenceTimeoutNs = value;
        return this;
    }

    /** How long a peer may take no byte of what is written to it until it is connected anew; 5 s if not set. */
    public TcpTransportBuilder stallTimeoutNs(final long value) {
        stallTimeoutNs = value;
        return this;
    }

    /**
     * The seed of the random part of the pauses between two attempts to connect; another one each time if not set.
     */
    public TcpTransportBuilder seed(final long value) {
        seed = value;
        return this;
    }

    /**
     * Checks the settings and listens on the own address.
     *
     * @throws BindFailedException if the own address is in use or not of this machine
     * @throws IllegalArgumentException if a setting cannot be right; the message names it
     */
    public TcpTransport open() {
        final TcpOptions options = new TcpOptions(
                new FrameIdentity(clusterId, groupId, epoch, self),
                addresses,
                sendBufferBytes,
                valueLengthMax,
                kind,
                clock,
                handshakeTimeoutNs,
                silenceTimeoutNs,
                stallTimeoutNs,
                seed);
        return new TcpTransport(options, options.bind());
    }
}
