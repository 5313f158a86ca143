package io.paxos.testkit.contract;

import java.util.function.UnaryOperator;

/** With epoll, where there is epoll. */
class TcpEpollTransportContractTest extends TcpTransportContract {
    TcpEpollTransportContractTest() {
        super(UnaryOperator.identity());
    }
}
