package io.paxos.replica;

import io.paxos.ReplicaListener;
import io.paxos.ReplyHandler;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Probe;
import io.paxos.spi.Transport;
import io.paxos.statemachine.StateMachine;
import java.util.Objects;

/**
 * What a replica works with.
 *
 * @param replyHandler null if {@code offer} is not to be used
 */
public record ReplicaParts(
        AcceptorLog log,
        Transport transport,
        StateMachine stateMachine,
        Clock clock,
        ReplicaListener listener,
        ReplyHandler replyHandler,
        Probe probe) {
    public ReplicaParts {
        Objects.requireNonNull(log, "log");
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(stateMachine, "stateMachine");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(probe, "probe");
    }
}
