package io.paxos.replica;

import io.paxos.ReplicaListener;
import io.paxos.ReplyHandler;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Probe;
import io.paxos.spi.Transport;
import io.paxos.statemachine.StateMachine;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * What a replica works with.
 *
 * @param replyHandler null if {@code offer} is not to be used
 * @param callbackExecutor calls the user's code; null for a thread of the replica's own, or for the host's thread
 */
public record ReplicaParts(
        AcceptorLog log,
        Transport transport,
        StateMachine stateMachine,
        Clock clock,
        ReplicaListener listener,
        ReplyHandler replyHandler,
        Executor callbackExecutor,
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
