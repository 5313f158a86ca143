package io.paxos.statemachine;

import org.agrona.DirectBuffer;

/**
 * The application: the same commands in the same order give the same state and the same replies on every replica.
 *
 * <p>All methods are called on the replica's thread, one at a time, so the replica waits for each of them. An exception
 * of {@code apply} stops the replica, since nobody knows what the state is after it; refuse a bad command with a reply
 * instead. An exception of {@code query} fails that read and nothing else.
 */
public interface StateMachine {
    /**
     * Executes one chosen command. Deterministic: no clock, no random source, no input but the command and the state.
     */
    void apply(Command command, Reply reply);

    /** Answers a question without changing anything. {@code length} bytes at {@code offset}, valid during the call. */
    void query(DirectBuffer query, int offset, int length, Reply reply);
}
