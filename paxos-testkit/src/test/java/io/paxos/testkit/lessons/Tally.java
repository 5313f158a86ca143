package io.paxos.testkit.lessons;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A state machine that counts its commands and replies with the count. A test can make it fail. */
final class Tally implements StateMachine {
    private long executed;
    private volatile boolean isFailing;

    static long count(final byte[] answer) {
        return new UnsafeBuffer(answer).getLong(0);
    }

    /** It throws at the next command. Any thread. */
    void failNext() {
        isFailing = true;
    }

    @Override
    public void apply(final Command command, final Reply reply) {
        if (isFailing) {
            throw new IllegalStateException("planted");
        }
        executed++;
        reply.reserve(Long.BYTES).putLong(0, executed);
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        reply.reserve(Long.BYTES).putLong(0, executed);
    }
}
