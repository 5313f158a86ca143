package io.paxos.testkit.contract.transport;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.testkit.memory.ForwardingTransport;
import io.paxos.testkit.memory.RecordedMessage;
import java.util.HashMap;
import java.util.Map;

/** Passes every message on to a sound transport. Each subclass breaks one promise. */
class BrokenTransport extends ForwardingTransport {
    final int self;
    private final Map<Integer, Messages> senders = new HashMap<>(); // by peer

    BrokenTransport(final int self, final Transport sound) {
        super(sound);
        this.self = self;
    }

    /** Called for each message that is sent. */
    void send(final int to, final RecordedMessage message) {
        message.send(transport.to(to));
    }

    /** Called for each message that has arrived, before the receiver. */
    void deliver(final RecordedMessage message, final Messages receiver) {
        message.send(receiver);
    }

    @Override
    public Messages to(final int replica) {
        return senders.computeIfAbsent(replica, to -> RecordedMessage.listener((message, again) -> send(to, message)));
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        return transport.poll(RecordedMessage.listener((message, again) -> deliver(message, receiver)), limit);
    }
}
