package io.paxos.testkit.contract.transport;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.testkit.memory.ForwardingTransport;
import io.paxos.testkit.memory.RecordedMessage;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Loses, repeats, delays and so reorders messages before it passes them on to another transport. */
final class FaultyTransport extends ForwardingTransport {
    private record Held(long dueNs, long number, int to, RecordedMessage message) {}

    private final TransportFaults faults;
    private final SplittableRandom random;
    private final Map<Integer, Messages> senders = new HashMap<>(); // by peer
    private final PriorityQueue<Held> held =
            new PriorityQueue<>(Comparator.comparingLong(Held::dueNs).thenComparingLong(Held::number));

    private volatile boolean isHealed;
    private long heldCount;

    FaultyTransport(final Transport transport, final int self, final TransportFaults faults) {
        super(transport);
        this.faults = faults;
        random = new SplittableRandom(faults.seed() + self);
    }

    /** No more faults from now on. Any thread. */
    void heal() {
        isHealed = true;
    }

    @Override
    public Messages to(final int replica) {
        return senders.computeIfAbsent(
                replica, peer -> RecordedMessage.listener((message, again) -> send(peer, message)));
    }

    private void send(final int to, final RecordedMessage message) {
        if (isHealed) {
            message.send(transport.to(to));
            return;
        }
        if (random.nextInt(100) < faults.dropPercent()) {
            return;
        }
        final int copies = random.nextInt(100) < faults.duplicatePercent() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            if (random.nextInt(100) < faults.delayPercent()) {
                final long dueNs = System.nanoTime() + random.nextLong(1 + faults.delayMsMax() * 1_000_000L);
                held.add(new Held(dueNs, heldCount++, to, message));
            } else {
                message.send(transport.to(to));
            }
        }
    }

    @Override
    public int flush() {
        final long nowNs = System.nanoTime();
        while (!held.isEmpty() && held.peek().dueNs <= nowNs) {
            final Held next = held.poll();
            next.message.send(transport.to(next.to));
        }
        return transport.flush();
    }

    @Override
    public void await(final long timeoutNs) {
        final long untilDueNs = held.isEmpty() ? Long.MAX_VALUE : held.peek().dueNs - System.nanoTime();
        if (untilDueNs > 0) {
            transport.await(Math.min(timeoutNs, untilDueNs));
        }
        flush();
    }

    @Override
    public void close() {
        held.clear();
        transport.close();
    }
}
