package io.paxos.benchmarks.load;

import io.paxos.Reason;
import io.paxos.ReplyHandler;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.DirectBuffer;

/**
 * Turns the outcomes of a replica into replies to the client. The reply of a good outcome contains the command's
 * sequence. For a bad outcome the sequence is searched by the correlation id, which is slow.
 */
final class ReplyRoute implements ReplyHandler {
    /** More than can wait for an outcome, so that none of them is overwritten. */
    private static final int PLACES = 4 * LoadSpec.OUTSTANDING_MAX;

    private final Replies replies;

    /** The correlation id of the command with this {@code sequence & PLACES - 1}; its sequence is set first. */
    private final AtomicLongArray correlationIds = new AtomicLongArray(PLACES);

    private final AtomicLongArray sequences = new AtomicLongArray(PLACES);

    ReplyRoute(final Replies replies) {
        this.replies = replies;
    }

    /** The replica took this command. Only the client's thread calls this. */
    void taken(final long sequence, final long correlationId) {
        final int place = (int) sequence & PLACES - 1;
        sequences.setPlain(place, sequence);
        correlationIds.setRelease(place, correlationId);
    }

    @Override
    public void onChosen(
            final long correlationId, final long slot, final DirectBuffer reply, final int offset, final int length) {
        replies.chosen(
                reply.getLong(offset + Long.BYTES, ByteOrder.LITTLE_ENDIAN),
                reply.getLong(offset, ByteOrder.LITTLE_ENDIAN));
    }

    @Override
    public void onNotChosen(final long correlationId, final Reason reason) {
        onUnknown(correlationId);
    }

    @Override
    public void onUnknown(final long correlationId) {
        for (int i = 0; i < PLACES; i++) {
            if (correlationIds.getAcquire(i) == correlationId) {
                replies.failed(sequences.getPlain(i));
                return;
            }
        }
    }
}
