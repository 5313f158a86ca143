package io.paxos.benchmarks.load;

import io.paxos.ReplyHandler;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.DirectBuffer;

/**
 * From outcomes of a replica to replies to the client. A good outcome brings the command's own number along; for a bad one
 * it is looked up, slowly, by the correlation id.
 */
final class ReplyRoute implements ReplyHandler {
    private static final int PLACES =
            4 * LoadSpec.OUTSTANDING_MAX; // more than can wait, so none is overwritten too soon

    private final Replies replies;
    private final AtomicLongArray correlationIds = new AtomicLongArray(PLACES); // by sequence
    private final AtomicLongArray sequences = new AtomicLongArray(PLACES);

    ReplyRoute(final Replies replies) {
        this.replies = replies;
    }

    /** The client's thread: this command was taken. */
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
    public void onNotChosen(final long correlationId) {
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
