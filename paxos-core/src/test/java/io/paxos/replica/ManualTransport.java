package io.paxos.replica;

import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Delivers what a test puts into it, and gives to the test what is sent. */
final class ManualTransport implements Transport {
    final Deque<Consumer<Messages>> arriving = new ArrayDeque<>();
    int self;
    int unknown;
    Messages sent = IgnoredMessages.ALL; // receives what is sent, to whichever replica

    @Override
    public int self() {
        return self;
    }

    @Override
    public boolean knows(final int replica) {
        return replica != unknown;
    }

    @Override
    public Messages to(final int replica) {
        return sent;
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        int received = 0;
        Consumer<Messages> message;
        while ((message = arriving.poll()) != null) {
            message.accept(receiver);
            received++;
        }
        return received;
    }

    @Override
    public int flush() {
        return 0;
    }

    @Override
    public void await(final long timeoutNs) {}

    @Override
    public void wakeup() {}

    @Override
    public int valueLengthMax() {
        return 1 << 20;
    }

    @Override
    public void close() {}
}
