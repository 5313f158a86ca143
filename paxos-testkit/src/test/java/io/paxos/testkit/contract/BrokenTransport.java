package io.paxos.testkit.contract;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import java.util.HashMap;
import java.util.Map;

/** A transport that does all as the one beneath it; what extends it breaks one promise. */
class BrokenTransport implements Transport {
    final int self;
    final Transport sound;
    private final Map<Integer, Messages> mouths = new HashMap<>(); // by peer

    BrokenTransport(final int self, final Transport sound) {
        this.self = self;
        this.sound = sound;
    }

    /** What is said, before it is sent. */
    void say(final int to, final Sentence sentence) {
        sentence.say(sound.to(to));
    }

    /** What has arrived, before it is heard. */
    void hear(final Sentence sentence, final Messages ears) {
        sentence.say(ears);
    }

    @Override
    public Messages to(final int replica) {
        return mouths.computeIfAbsent(replica, to -> Sentence.listener((sentence, again) -> say(to, sentence)));
    }

    @Override
    public int poll(final Messages ears, final int limit) {
        return sound.poll(Sentence.listener((sentence, again) -> hear(sentence, ears)), limit);
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
