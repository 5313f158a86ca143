package io.paxos.testkit.lessons;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Counts the commands that it has executed, and answers with the count; can be made to choke on the next one. */
final class Tally implements StateMachine {
    private long executed;
    private volatile boolean chokes;

    static long count(final byte[] answer) {
        return new UnsafeBuffer(answer).getLong(0);
    }

    /** The next command makes it throw. Any thread. */
    void choke() {
        chokes = true;
    }

    @Override
    public void apply(final Command command, final Reply reply) {
        if (chokes) {
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
