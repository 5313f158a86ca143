package io.paxos.benchmarks.jmh;

import io.paxos.spi.ForwardingMessages;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Messages;

/**
 * Counts the messages that it receives, whichever they are.
 *
 * <p>Each goes on to {@link IgnoredMessages}. {@link Suite} forbids the compiler to inline these methods, so the sender
 * must compute every argument.
 */
class Sink extends ForwardingMessages {
    private long received;

    /** How many messages were received. Give it to a black hole. */
    final long received() {
        return received;
    }

    @Override
    protected final Messages next() {
        received++;
        return IgnoredMessages.ALL;
    }
}
