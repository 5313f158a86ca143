package io.paxos.testkit.sim.net;

import io.paxos.spi.Handshake;
import io.paxos.testkit.sim.schedule.CrashPoint;
import java.util.ArrayDeque;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The connections of one life of a member, one to each peer. The member tells each peer who it is, and sends packets
 * once both have admitted each other. Cards travel through the network and can be lost like packets.
 *
 * <p>Without a handshake there are no connections, and every packet is taken.
 */
final class Connections {
    private static final long RETRY_NS = 10_000_000;

    private final int self;
    private final SimNetwork network;
    private final CrashPoint crashPoint;
    private final Runnable wakeup;
    private final IntConsumer onRemembered;
    private final Connection[] toPeer; // by replica id: the newest; null before the first and after a refusal
    private final long[] retryNs; // by replica id: when the next one is tried
    private final ArrayDeque<Connection> asked = new ArrayDeque<>(); // of peers, not judged yet
    private final ArrayDeque<Connection> answered = new ArrayDeque<>(); // own ones that the peer has judged
    private Handshake handshake; // null if none is given
    private boolean isClosed; // true for good

    /** @param onRemembered takes the id of each peer that has confirmed this life, at once and without delay */
    Connections(
            final int self,
            final SimNetwork network,
            final CrashPoint crashPoint,
            final Runnable wakeup,
            final IntConsumer onRemembered) {
        this.self = self;
        this.network = network;
        this.crashPoint = crashPoint;
        this.wakeup = wakeup;
        this.onRemembered = onRemembered;
        toPeer = new Connection[network.members() + 1];
        retryNs = new long[network.members() + 1];
    }

    /** Each peer gets the card anew, over another connection. */
    void use(final Handshake newHandshake) {
        handshake = newHandshake;
        for (int peer = 1; peer < toPeer.length; peer++) {
            close(peer, 0);
        }
    }

    boolean isUsed() {
        return handshake != null;
    }

    /** The connection that the next packet to this peer takes; null if there is none. */
    Connection to(final int peer) {
        final Connection connection = toPeer[peer];
        return connection != null && connection.isOpen() ? connection : null;
    }

    /** Judges what has arrived, and asks peers without a connection. On the thread that polls. */
    void advance() {
        if (handshake == null || isClosed) {
            return;
        }
        while (!asked.isEmpty()) {
            judge(asked.poll());
        }
        while (!answered.isEmpty()) {
            conclude(answered.poll());
        }
        for (int peer = 1; peer < toPeer.length; peer++) {
            if (peer != self && to(peer) == null && network.nowNs() >= retryNs[peer]) {
                ask(peer);
            }
        }
    }

    /** Whether a packet that came over this connection is delivered. Confirms its sender before the first one. */
    boolean admits(final Connection connection) {
        if (handshake == null) {
            return true;
        }
        if (!connection.isConfirmed()) {
            final DirectBuffer card = connection.card();
            crashPoint.pass();
            if (handshake.confirm(connection.from(), card, 0, card.capacity()) != null) {
                connection.broken();
                return false;
            }
            connection.confirmed();
            connection.sender().onRemembered.accept(self);
            crashPoint.pass();
        }
        return true;
    }

    /** Whether a packet has arrived over a connection to this life. If not, the connection breaks. */
    boolean isHere(final Connection connection) {
        if (connection == null || (connection.hasReached(this) && !isClosed)) {
            return true;
        }
        connection.broken();
        return false;
    }

    /** A peer says who it is. */
    void arrived(final Connection connection) {
        if (handshake != null && !isClosed) {
            connection.reached(this);
            asked.add(connection);
        }
    }

    void close() {
        isClosed = true;
        for (int peer = 1; peer < toPeer.length; peer++) {
            close(peer, 0);
        }
    }

    private void ask(final int peer) {
        close(
                peer,
                RETRY_NS + network.delays().farNs(self, peer) + network.delays().farNs(peer, self));
        final Connection connection = new Connection(this, self, peer, card(peer));
        toPeer[peer] = connection;
        network.carry(
                self, peer, "says who it is to", () -> network.receiver(peer).introduced(connection));
        crashPoint.pass();
    }

    private void judge(final Connection connection) {
        final DirectBuffer card = connection.card();
        final String refusal = handshake.admit(connection.from(), card, 0, card.capacity());
        connection.judged(refusal, card(connection.from()));
        final int peer = connection.from();
        network.carry(
                self, peer, "replies who it is to", () -> connection.sender().takeAnswer(connection));
        crashPoint.pass();
    }

    private void takeAnswer(final Connection connection) {
        if (!isClosed) {
            answered.add(connection);
            wakeup.run();
        }
    }

    private void conclude(final Connection connection) {
        if (toPeer[connection.to()] != connection) {
            return; // given up meanwhile
        }
        final DirectBuffer card = connection.reply();
        final String refusal = handshake.admit(connection.to(), card, 0, card.capacity());
        if (refusal == null && connection.refusal() == null) {
            connection.open();
        } else {
            close(connection.to(), RETRY_NS);
        }
    }

    private void close(final int peer, final long pauseNs) {
        if (toPeer[peer] != null) {
            toPeer[peer].broken();
            toPeer[peer] = null;
        }
        retryNs[peer] = network.nowNs() + pauseNs;
    }

    private DirectBuffer card(final int peer) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Handshake.CARD_LENGTH_MAX]);
        return new UnsafeBuffer(buffer, 0, handshake.card(peer, buffer, 0));
    }
}
