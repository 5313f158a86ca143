package io.paxos.benchmarks.load.peers;

import java.nio.ByteOrder;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;

/** A peer whose leader takes a command as an array and answers with a future. {@code R}: what the future holds. */
abstract class FuturePeerLibrary<R> extends PeerLibrary {
    /** What {@link #count} answers for a reply that is a refusal. */
    static final long REFUSED = -1;

    FuturePeerLibrary(final Description description) {
        super(description);
    }

    /** Hands a command to the leader; the array belongs to the library from now on. */
    abstract CompletableFuture<R> propose(byte[] command) throws Exception;

    /** Asks the leader for a linearizable read of the counter. */
    abstract CompletableFuture<R> query() throws Exception;

    /** The count in a reply, or {@link #REFUSED}. */
    abstract long count(R reply);

    @Override
    public final boolean submit(final DirectBuffer command, final int offset, final int length) {
        final byte[] copy = copyOf(command, offset, length);
        final long sequence = command.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        try {
            answer(sequence, propose(copy));
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Exception e) { // declared by some libraries
            throw new IllegalStateException("the leader takes no command", e);
        }
        return true;
    }

    @Override
    public final boolean read(final long sequence) {
        try {
            answer(sequence, query());
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Exception e) { // declared by some libraries
            throw new IllegalStateException("the leader takes no read", e);
        }
        return true;
    }

    private void answer(final long sequence, final CompletableFuture<R> future) {
        final CompletableFuture<R> unused = future.whenComplete((reply, error) -> {
            final long count = error == null ? count(reply) : REFUSED;
            if (count == REFUSED) {
                replies().failed(sequence);
            } else {
                replies().chosen(sequence, count);
            }
        });
    }
}
