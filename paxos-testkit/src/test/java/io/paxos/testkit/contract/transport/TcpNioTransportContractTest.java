package io.paxos.testkit.contract.transport;

import io.paxos.transport.tcp.TcpTransportBuilder;

/** With the sockets of the JDK. */
class TcpNioTransportContractTest extends TcpTransportContract {
    TcpNioTransportContractTest() {
        super(TcpTransportBuilder::withoutEpoll);
    }
}
