package io.paxos;

import org.agrona.DirectBuffer;

/**
 * Takes the outcome of each command that was given to {@link Replica#offer}, exactly once, in order, called by the
 * executor of {@link Replica.Builder#callbackExecutor}.
 *
 * <p>A method that takes long delays later outcomes, and with too many of them waiting {@link Replica#offer} returns
 * {@link Replica#BACK_PRESSURED}. What a method throws is logged. An {@link Error} stops the replica.
 */
public interface ReplyHandler {
    /** Chosen and executed here; the reply is valid only during the call. */
    void onChosen(long correlationId, long slot, DirectBuffer reply, int offset, int length);

    /** Surely not executed, now or ever, for this reason. */
    void onNotChosen(long correlationId, Reason reason);

    /** May have been executed, may be executed later, or never. */
    void onUnknown(long correlationId);
}
