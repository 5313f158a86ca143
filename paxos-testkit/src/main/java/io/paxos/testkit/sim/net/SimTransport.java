package io.paxos.testkit.sim.net;

import io.paxos.spi.Handshake;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.transport.wire.MessageCapture;
import io.paxos.transport.wire.MessageType;
import io.paxos.transport.wire.MessageView;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** The transport of one life: bounded queues in both directions, and a crash point between any two packets. */
public final class SimTransport implements Transport {
    private static final int INBOX_MAX = 1 << 12;

    private final int self;
    private final int queueMax; // per peer
    private final int valueLengthMax;
    private final SimNetwork network;
    private final PacketPool pool;
    private final CrashPoint crashPoint;
    private final Runnable wakeup;
    private final Consumer<Packet> onSend;
    private final PacketObserver observer;
    private final PeerSender[] senders; // by replica id
    private final Connections connections;
    private final ArrayDeque<Packet> outbox = new ArrayDeque<>();
    private final ArrayDeque<Packet> inbox = new ArrayDeque<>();
    private boolean isClosed; // true for good; both queues are empty then

    public SimTransport(
            final int self,
            final int queueMax,
            final SimNetwork network,
            final PacketPool pool,
            final CrashPoint crashPoint,
            final Runnable wakeup,
            final Consumer<Packet> onSend,
            final IntConsumer onRemembered) {
        this.self = self;
        this.queueMax = queueMax;
        this.network = network;
        valueLengthMax = network.valueLengthMax();
        this.pool = pool;
        this.crashPoint = crashPoint;
        this.wakeup = wakeup;
        this.onSend = onSend;
        observer = network.observer();
        connections = new Connections(self, network, crashPoint, wakeup, onRemembered);
        senders = new PeerSender[network.members() + 1];
        for (int id = 1; id <= network.members(); id++) {
            senders[id] = new PeerSender(id);
        }
    }

    @Override
    public Messages to(final int replica) {
        return replica > 0 && replica < senders.length ? senders[replica].capture.sender() : IgnoredMessages.ALL;
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        crashPoint.pass();
        connections.advance();
        int received = 0;
        while (received < limit && !inbox.isEmpty()) {
            final Packet packet = inbox.poll();
            if (connections.admits(packet.connection())) {
                observer.received(packet);
                packet.deliver(receiver);
                received++;
            } else {
                observer.lost(packet, "its sender is refused");
            }
            pool.give(packet);
            crashPoint.pass();
        }
        return received;
    }

    @Override
    public int flush() {
        crashPoint.pass();
        int sent = 0;
        while (!outbox.isEmpty()) {
            final Packet packet = outbox.poll();
            senders[packet.to()].queued--;
            packet.over(connections.to(packet.to()));
            if (isUnconnected(packet)) {
                pool.give(packet);
                continue;
            }
            onSend.accept(packet);
            network.send(packet, packet.type() == MessageType.ACCEPT ? senders[packet.to()].lingerNs : 0);
            sent++;
            crashPoint.pass();
        }
        return sent;
    }

    @Override
    public void linger(final int replica, final long timeNs) {
        senders[replica].lingerNs = timeNs;
    }

    /** Does nothing: virtual time stands still while a replica runs. */
    @Override
    public void await(final long timeoutNs) {}

    @Override
    public void wakeup() {
        wakeup.run();
    }

    @Override
    public boolean isReachable(final int replica) {
        return network.isReachable(self, replica)
                && (!network.isOrdered() || !connections.isUsed() || connections.to(replica) != null);
    }

    @Override
    public boolean handshake(final Handshake handshake) {
        if (network.carriesHandshakes()) {
            connections.use(handshake);
        }
        return network.carriesHandshakes();
    }

    @Override
    public int valueLengthMax() {
        return valueLengthMax;
    }

    @Override
    public void close() {
        isClosed = true;
        connections.close();
        drain(outbox);
        drain(inbox);
    }

    /**
     * A packet has arrived. Returns false if the inbox is full, the transport is closed, or the packet was sent to an
     * earlier life over a connection that ended with it.
     */
    public boolean arrived(final Packet packet) {
        return connections.isHere(packet.connection()) && !isClosed && inbox.size() < INBOX_MAX && inbox.add(packet);
    }

    /** A peer says who it is. */
    public void introduced(final Connection connection) {
        connections.arrived(connection);
    }

    private boolean isUnconnected(final Packet packet) {
        return connections.isUsed() && packet.connection() == null;
    }

    private void drain(final ArrayDeque<Packet> queue) {
        while (!queue.isEmpty()) {
            final Packet packet = queue.poll();
            observer.lost(packet, "its process ended first");
            pool.give(packet);
        }
    }

    /** Makes a packet of each message to one peer. */
    private final class PeerSender {
        private final int peer;
        private final MessageCapture capture = new MessageCapture(this::send);
        private int queued; // packets of the outbox for this peer; at most queueMax
        private long lingerNs; // the last argument of linger()

        PeerSender(final int peer) {
            this.peer = peer;
        }

        private void send(final MessageView message) {
            if (!isClosed && queued < queueMax) {
                outbox.add(pool.take().to(peer).set(message));
                queued++;
            }
        }
    }
}
