package io.paxos.testkit.contract.transport;

import io.paxos.transport.tcp.TcpTransport;

/** With the sockets of the JDK. */
class TcpNioTransportContractTest extends TcpTransportContract {
    TcpNioTransportContractTest() {
        super(TcpTransport.Builder::withoutEpoll);
    }
}
