package io.paxos.testkit.sim.rules;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import org.agrona.DirectBuffer;

/** Executes as another machine does, and replies differently. */
public final class DifferingMachine implements StateMachine {
    private final StateMachine machine;

    public DifferingMachine(final StateMachine machine) {
        this.machine = machine;
    }

    @Override
    public void apply(final Command command, final Reply reply) {
        machine.apply(command, reply);
        reply.reserve(HistoryMachine.REPLY_LENGTH).putLong(0, -1);
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        machine.query(query, offset, length, reply);
    }
}
