package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.value.ValueCodec;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The way in for commands: any thread puts them into a bounded ring, the replica's thread takes them out again.
 *
 * <p>A message of the ring is a correlation id (long), a deadline (long) and the command. Its type, {@link #OFFERED} or
 * {@link #SUBMITTED}, tells where the outcome goes: to the reply handler, or to the future that waits here under the
 * correlation id.
 */
final class CommandInbox {
    /** The outcome goes to the reply handler. */
    static final int OFFERED = 1;

    /** The outcome completes a future. */
    static final int SUBMITTED = 2;

    static final int DEADLINE_OFFSET = BitUtil.SIZE_OF_LONG;
    static final int HEADER_LENGTH = 2 * BitUtil.SIZE_OF_LONG;

    private static final int DRAIN_LIMIT = 4096;
    private static final Outcome.NotChosen BUSY = new Outcome.NotChosen(Reason.BUSY, "too many commands are waiting");

    private final ManyToOneRingBuffer ring;
    private final AtomicLong lastCorrelationId = new AtomicLong();

    /** By correlation id and mask: futures without an outcome; null if free. Whoever completes one takes it out. */
    private final AtomicReferenceArray<CompletableFuture<Outcome>> futures;

    private final int mask;
    private final ThreadLocal<UnsafeBuffer> wrapper = ThreadLocal.withInitial(UnsafeBuffer::new);
    private final Callbacks callbacks;
    private volatile Outcome.NotChosen closedBecause; // null while open, then never null again

    CommandInbox(final int pendingBytes, final int pendingCommands, final Callbacks callbacks) {
        this.callbacks = callbacks;
        ring = new ManyToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect(pendingBytes + RingBufferDescriptor.TRAILER_LENGTH)));
        futures = new AtomicReferenceArray<>(pendingCommands);
        mask = pendingCommands - 1;
    }

    /** The longest command that fits, in bytes. */
    int commandLengthMax() {
        return ring.maxMsgLength() - HEADER_LENGTH - ValueCodec.COMMAND_HEADER_LENGTH - BitUtil.SIZE_OF_LONG;
    }

    // Any thread.

    /** Takes a command whose outcome goes to the reply handler. Returns its correlation id, or a negative constant. */
    long offer(final DirectBuffer command, final int offset, final int length, final long deadlineNs) {
        if (closedBecause != null) {
            return ReplicaEngine.CLOSED;
        }
        final long correlationId = lastCorrelationId.incrementAndGet();
        return put(OFFERED, correlationId, deadlineNs, command, offset, length)
                ? correlationId
                : ReplicaEngine.BACK_PRESSURED;
    }

    /** Takes a command whose outcome completes the future returned. */
    CompletableFuture<Outcome> submit(final byte[] command, final long deadlineNs) {
        final CompletableFuture<Outcome> future = callbacks.newFuture();
        final long correlationId = lastCorrelationId.incrementAndGet();
        final int slot = (int) correlationId & mask;
        if (closedBecause != null) {
            future.complete(closedBecause);
        } else if (!futures.compareAndSet(slot, null, future)) {
            future.complete(BUSY);
        } else {
            final UnsafeBuffer view = wrapper.get();
            view.wrap(command);
            if (!put(SUBMITTED, correlationId, deadlineNs, view, 0, command.length)) {
                completeIfWaiting(slot, future, BUSY);
            } else if (closedBecause != null) {
                // Race: the last drain may have missed it, or the replica's thread may be dispatching it right now.
                completeIfWaiting(slot, future, new Outcome.Unknown(closedBecause.text()));
            }
        }
        return future;
    }

    /** About how many bytes have not been drained; some 50 for each command on top of its own. */
    long bytes() {
        return ring.size();
    }

    private void completeIfWaiting(final int slot, final CompletableFuture<Outcome> future, final Outcome outcome) {
        if (futures.compareAndSet(slot, future, null)) {
            future.complete(outcome);
        }
    }

    private boolean put(
            final int type,
            final long correlationId,
            final long deadlineNs,
            final DirectBuffer command,
            final int offset,
            final int length) {
        // Before the claim: a claim that is neither committed nor aborted would stop the ring for all.
        command.boundsCheck(offset, length);
        final int index = ring.tryClaim(type, HEADER_LENGTH + length);
        if (index < 0) {
            return false;
        }
        final MutableDirectBuffer buffer = ring.buffer();
        buffer.putLong(index, correlationId);
        buffer.putLong(index + DEADLINE_OFFSET, deadlineNs);
        buffer.putBytes(index + HEADER_LENGTH, command, offset, length);
        ring.commit(index);
        return true;
    }

    // The replica's thread.

    /** Hands over what has come in until the handler aborts. Returns the amount of work done. */
    int drain(final ControlledMessageHandler handler) {
        final long before = ring.consumerPosition();
        final int commands = ring.controlledRead(handler, DRAIN_LIMIT);
        // The padding at the end of the ring counts as work too: commands may lie behind it.
        return commands == 0 && ring.consumerPosition() != before ? 1 : commands;
    }

    /**
     * Has the future completed that waits under this correlation id, if there still is one.
     *
     * @param length how many bytes the outcome holds
     */
    void complete(final long correlationId, final Outcome outcome, final int length) {
        final CompletableFuture<Outcome> future = futures.getAndSet((int) correlationId & mask, null);
        if (future != null) {
            callbacks.complete(future, outcome, length);
        }
    }

    /** Nothing is taken any more; callers are told why. */
    void close(final Outcome.NotChosen reason) {
        assert closedBecause == null : "closed twice: " + closedBecause + ", then " + reason;
        closedBecause = reason;
    }

    /** After {@link #close} and the last drain: futures whose callers have not committed their command yet. */
    void completeAll() {
        for (int i = 0; i <= mask; i++) {
            complete(i, closedBecause, 0);
        }
    }
}
