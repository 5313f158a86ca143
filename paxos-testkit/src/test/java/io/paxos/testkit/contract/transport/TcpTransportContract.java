package io.paxos.testkit.contract.transport;

import io.paxos.spi.Transport;
import io.paxos.testkit.FreeAddresses;
import io.paxos.transport.tcp.TcpTransport;
import io.paxos.transport.tcp.TcpTransportBuilder;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** TCP between three ports of this machine: everything while the connection stands. Short messages may pass values. */
abstract class TcpTransportContract extends TransportContract {
    private static final int SEND_BUFFER_BYTES = 1 << 20;
    private static final int VALUE_LENGTH_MAX = 64 << 10;

    private final Map<Integer, InetSocketAddress> addresses = new HashMap<>();
    private final UnaryOperator<TcpTransportBuilder> kind;

    TcpTransportContract(final UnaryOperator<TcpTransportBuilder> kind) {
        this.kind = kind;
    }

    @Override
    protected synchronized Transport open(final int self, final Set<Integer> members) {
        if (addresses.isEmpty()) {
            addresses.putAll(FreeAddresses.of(
                    members.stream().mapToInt(Integer::intValue).toArray()));
        }
        return kind.apply(TcpTransport.builder(self))
                .addresses(addresses)
                .sendBufferBytes(SEND_BUFFER_BYTES)
                .valueLengthMax(VALUE_LENGTH_MAX)
                .open();
    }

    @Override
    protected TransportCapabilities capabilities() {
        return TransportCapabilities.datagrams(VALUE_LENGTH_MAX)
                .withoutLoss(SEND_BUFFER_BYTES / 2)
                .withoutDuplicates()
                .pollOvershoot(0);
    }
}
