package org.example;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import org.agrona.DirectBuffer;

/** One number: a command of eight bytes replaces it and is told the one before; any query is told the present one. */
class RegisterMachine implements StateMachine {
    long value;

    @Override
    public void apply(final Command command, final Reply reply) {
        if (command.length() == Long.BYTES) {
            reply.reserve(Long.BYTES).putLong(0, value);
            value = command.buffer().getLong(command.offset());
        }
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        reply.reserve(Long.BYTES).putLong(0, value);
    }
}
