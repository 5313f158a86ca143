package io.paxos.testkit.memory;

import io.paxos.spi.Handshake;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;

/** Passes each call on to another transport. A subclass overrides what it changes. */
public class ForwardingTransport implements Transport {
    /** Gets each call. Never null. */
    protected final Transport transport;

    /** Passes each call on to {@code transport}. */
    public ForwardingTransport(final Transport transport) {
        this.transport = transport;
    }

    @Override
    public int self() {
        return transport.self();
    }

    @Override
    public boolean knows(final int replica) {
        return transport.knows(replica);
    }

    @Override
    public Messages to(final int replica) {
        return transport.to(replica);
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        return transport.poll(receiver, limit);
    }

    @Override
    public int flush() {
        return transport.flush();
    }

    @Override
    public void linger(final int replica, final long timeNs) {
        transport.linger(replica, timeNs);
    }

    @Override
    public long queued(final int replica) {
        return transport.queued(replica);
    }

    @Override
    public long written(final int replica) {
        return transport.written(replica);
    }

    @Override
    public void await(final long timeoutNs) {
        transport.await(timeoutNs);
    }

    @Override
    public void wakeup() {
        transport.wakeup();
    }

    @Override
    public boolean isReachable(final int replica) {
        return transport.isReachable(replica);
    }

    @Override
    public Thread newThread(final Runnable work, final String name) {
        return transport.newThread(work, name);
    }

    @Override
    public boolean handshake(final Handshake handshake) {
        return transport.handshake(handshake);
    }

    @Override
    public long clusterId() {
        return transport.clusterId();
    }

    @Override
    public int valueLengthMax() {
        return transport.valueLengthMax();
    }

    @Override
    public void close() {
        transport.close();
    }
}
