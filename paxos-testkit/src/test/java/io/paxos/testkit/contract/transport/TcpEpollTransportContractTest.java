package io.paxos.testkit.contract.transport;

import java.util.function.UnaryOperator;

/** With epoll, where there is epoll. */
class TcpEpollTransportContractTest extends TcpTransportContract {
    TcpEpollTransportContractTest() {
        super(UnaryOperator.identity());
    }
}
