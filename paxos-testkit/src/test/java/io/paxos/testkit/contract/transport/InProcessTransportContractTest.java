package io.paxos.testkit.contract.transport;

import io.paxos.spi.Transport;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.util.Set;

/** The transport between replicas of one JVM keeps all promises there are. */
class InProcessTransportContractTest extends TransportContract {
    private static final int MAILBOX_BYTES = 1 << 20;
    private static final int VALUE_LENGTH_MAX = 64 << 10;

    private final InProcessNetwork network = new InProcessNetwork(MAILBOX_BYTES, VALUE_LENGTH_MAX);

    @Override
    protected Transport open(final int self, final Set<Integer> members) {
        return network.transport(self);
    }

    @Override
    protected TransportCapabilities capabilities() {
        return TransportCapabilities.datagrams(VALUE_LENGTH_MAX)
                .inOrder()
                .withoutLoss(MAILBOX_BYTES / 2)
                .withoutDuplicates()
                .pollOvershoot(0);
    }
}
