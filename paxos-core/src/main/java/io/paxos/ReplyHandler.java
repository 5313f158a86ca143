package io.paxos;

import org.agrona.DirectBuffer;

/**
 * Takes the outcome of each command that was given to {@link Replica#offer}, exactly once, on the replica's thread.
 *
 * <p>Be quick, and do not throw: an exception stops the replica.
 */
public interface ReplyHandler {
    /** Chosen and executed here; the reply is valid only during the call. */
    void onChosen(long correlationId, long slot, DirectBuffer reply, int offset, int length);

    /** Surely not executed, now or ever. */
    void onNotChosen(long correlationId);

    /** May have been executed, may be executed later, or never. */
    void onUnknown(long correlationId);
}
