package io.paxos.testkit.contract;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import java.util.HashMap;
import java.util.Map;

/** A transport that does all as the one beneath it; what extends it breaks one promise. */
class BrokenTransport implements Transport {
    final int self;
    final Transport sound;
    private final Map<Integer, Messages> senders = new HashMap<>(); // by peer

    BrokenTransport(final int self, final Transport sound) {
        this.self = self;
        this.sound = sound;
    }

    /** What is said, before it is sent. */
    void send(final int to, final RecordedMessage message) {
        message.send(sound.to(to));
    }

    /** What has arrived, before it is heard. */
    void hear(final RecordedMessage message, final Messages receiver) {
        message.send(receiver);
    }

    @Override
    public Messages to(final int replica) {
        return senders.computeIfAbsent(replica, to -> RecordedMessage.listener((message, again) -> send(to, message)));
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        return sound.poll(RecordedMessage.listener((message, again) -> hear(message, receiver)), limit);
    }

    @Override
    public int flush() {
        return sound.flush();
    }

    @Override
    public void await(final long timeoutNs) {
        sound.await(timeoutNs);
    }

    @Override
    public void wakeup() {
        sound.wakeup();
    }

    @Override
    public int valueLengthMax() {
        return sound.valueLengthMax();
    }

    @Override
    public void close() {
        sound.close();
    }
}
