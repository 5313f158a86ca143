package org.example;

import io.paxos.spi.Transport;
import io.paxos.testkit.contract.transport.TransportCapabilities;
import io.paxos.testkit.contract.transport.TransportContract;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;

class QueueTransportTest extends TransportContract {
    private final Map<Integer, BlockingQueue<byte[]>> network = new ConcurrentHashMap<>();

    @Override
    protected Transport open(final int self, final Set<Integer> members) {
        return new QueueTransport(self, network);
    }

    @Override
    protected TransportCapabilities capabilities() {
        return TransportCapabilities.datagrams(QueueTransport.VALUE_LENGTH_MAX)
                .inOrder()
                .withoutDuplicates()
                .withoutLoss(64 << 10)
                .pollOvershoot(0);
    }
}
