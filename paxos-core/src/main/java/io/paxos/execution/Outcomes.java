package io.paxos.execution;

import org.agrona.DirectBuffer;

/** Where the outcomes of a replica's own commands leave. Called on the replica's thread, while a value is executed. */
@FunctionalInterface
public interface Outcomes {
    /**
     * A command of this replica's present incarnation has been executed; the reply is valid during the call.
     *
     * @param sequence of the command, as it was given out
     * @param slot in which it was chosen
     */
    void executed(long sequence, long slot, DirectBuffer reply, int offset, int length);

    /** A command of this incarnation came before the one that must be executed before it, so it was not executed. */
    default void early(final long sequence) {}
}
