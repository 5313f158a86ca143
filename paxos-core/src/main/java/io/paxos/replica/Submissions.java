package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.ReplyHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.ControlledMessageHandler.Action;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The way in: commands from any thread, kept until their outcome is known.
 *
 * <p>A command passes through a bounded ring to the replica's thread, which gives it a sequence number and lays it down in
 * an arena, in the very bytes that a value is made of. There it stays until it is chosen and executed here, or its deadline
 * has passed, so that it can be given out again when a leader is lost. The arena is first in, first out; when it is full
 * the ring fills, and when that is full callers are told {@link ReplicaEngine#BACK_PRESSURED}.
 */
final class Submissions {
    private static final int TYPE_OFFER = 1;
    private static final int TYPE_SUBMIT = 2;
    private static final byte DONE = 3; // a state, as the types are: offered, submitted, done
    private static final int INBOX_HEADER_LENGTH = 2 * BitUtil.SIZE_OF_LONG;
    private static final int DRAIN_LIMIT = 4096;

    private final int self;
    private final int incarnation;
    private final ReplyHandler replyHandler;

    // Any thread.
    private final ManyToOneRingBuffer inbox;
    private final AtomicLong lastCorrelationId = new AtomicLong();
    private final AtomicReferenceArray<CompletableFuture<Outcome>> futures; // by correlation id & mask
    private final ThreadLocal<UnsafeBuffer> wrapper = ThreadLocal.withInitial(UnsafeBuffer::new);
    private volatile boolean isClosed;

    // The replica's thread: commands [head, next), by sequence & mask.
    private final ControlledMessageHandler onCommand = this::onCommand;
    private final UnsafeBuffer arena;
    private final int[] offsets;
    private final long[] correlationIds;
    private final long[] deadlinesNs;
    private final byte[] states;
    private final int mask;
    private long head = 1; // the oldest command without an outcome
    private long next = 1;
    private long undispatched = 1; // the first command to give out next
    private long dispatchedThrough; // commands up to here have been given out at least once
    private int arenaTail;

    Submissions(
            final int self,
            final int incarnation,
            final ReplyHandler replyHandler,
            final int pendingBytes,
            final int pendingCommands) {
        this.self = self;
        this.incarnation = incarnation;
        this.replyHandler = replyHandler;
        inbox = new ManyToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect(pendingBytes + RingBufferDescriptor.TRAILER_LENGTH)));
        arena = new UnsafeBuffer(new byte[pendingBytes]);
        futures = new AtomicReferenceArray<>(pendingCommands);
        offsets = new int[pendingCommands];
        correlationIds = new long[pendingCommands];
        deadlinesNs = new long[pendingCommands];
        states = new byte[pendingCommands];
        mask = pendingCommands - 1;
    }

    /** The longest command that fits, in bytes. */
    int commandLengthMax() {
        return inbox.maxMsgLength() - INBOX_HEADER_LENGTH - Batch.COMMAND_HEADER_LENGTH - BitUtil.SIZE_OF_LONG;
    }

    // Any thread.

    /** Takes a command whose outcome goes to the reply handler. Returns its correlation id, or a negative constant. */
    long offer(final DirectBuffer command, final int offset, final int length, final long deadlineNs) {
        if (isClosed) {
            return ReplicaEngine.CLOSED;
        }
        final long correlationId = lastCorrelationId.incrementAndGet();
        return put(TYPE_OFFER, correlationId, deadlineNs, command, offset, length)
                ? correlationId
                : ReplicaEngine.BACK_PRESSURED;
    }

    /** Takes a command whose outcome completes the future returned. */
    CompletableFuture<Outcome> submit(final byte[] command, final long deadlineNs) {
        final CompletableFuture<Outcome> future = new CompletableFuture<>();
        final long correlationId = lastCorrelationId.incrementAndGet();
        final int slot = (int) correlationId & mask;
        if (isClosed) {
            future.complete(new Outcome.NotChosen("the replica is closed"));
        } else if (!futures.compareAndSet(slot, null, future)) {
            future.complete(new Outcome.NotChosen("too many commands are waiting"));
        } else {
            final UnsafeBuffer view = wrapper.get();
            view.wrap(command);
            if (!put(TYPE_SUBMIT, correlationId, deadlineNs, view, 0, command.length)) {
                completeIfMine(slot, future, new Outcome.NotChosen("too many commands are waiting"));
            } else if (isClosed) {
                // The last drain may have missed it, or the replica's thread may be giving it out right now.
                completeIfMine(slot, future, new Outcome.Unknown("the replica was closed meanwhile"));
            }
        }
        return future;
    }

    private void completeIfMine(final int slot, final CompletableFuture<Outcome> future, final Outcome outcome) {
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
        command.boundsCheck(
                offset, length); // a claim that is neither committed nor aborted would stop the ring for all
        final int index = inbox.tryClaim(type, INBOX_HEADER_LENGTH + length);
        if (index < 0) {
            return false;
        }
        final MutableDirectBuffer buffer = inbox.buffer();
        buffer.putLong(index, correlationId);
        buffer.putLong(index + BitUtil.SIZE_OF_LONG, deadlineNs);
        buffer.putBytes(index + INBOX_HEADER_LENGTH, command, offset, length);
        inbox.commit(index);
        return true;
    }

    /** About how much has come in that was not moved to the arena yet, in bytes; some 50 for each command on top of its own. */
    long inboxBytes() {
        return inbox.size();
    }

    // The replica's thread.

    /** Moves what has come in to the arena, as far as it has room. */
    int drain() {
        final long before = inbox.consumerPosition();
        final int commands = inbox.controlledRead(onCommand, DRAIN_LIMIT);
        // The padding at the end of the ring counts as work too: commands may lie behind it.
        return commands == 0 && inbox.consumerPosition() != before ? 1 : commands;
    }

    private Action onCommand(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        final int commandLength = length - INBOX_HEADER_LENGTH;
        final int at = allocate(Batch.commandLength(commandLength));
        if (at < 0) {
            return Action.ABORT;
        }
        Batch.putCommand(arena, at, self, incarnation, next, buffer, index + INBOX_HEADER_LENGTH, commandLength);
        final int i = (int) next & mask;
        offsets[i] = at;
        correlationIds[i] = buffer.getLong(index);
        deadlinesNs[i] = buffer.getLong(index + BitUtil.SIZE_OF_LONG);
        states[i] = (byte) type;
        next++;
        return Action.CONTINUE;
    }

    /** Room for this many bytes in one piece, or -1. */
    private int allocate(final int length) {
        if (next - head > mask) {
            return -1;
        }
        if (next == head) {
            arenaTail = length;
            return length <= arena.capacity() ? 0 : -1;
        }
        final int arenaHead = offsets[(int) head & mask];
        int at = arenaTail;
        if (at > arenaHead) {
            if (arena.capacity() - at < length) {
                at = 0;
            }
        }
        if (at <= arenaHead && arenaHead - at <= length) {
            return -1; // it would reach the oldest command; an exact fit would look empty
        }
        arenaTail = at + length;
        return at;
    }

    boolean hasUndispatched() {
        return undispatched < next;
    }

    /**
     * Appends commands not yet given out to a value or a forward, as long as that ends at or below {@code limit}; one that
     * is longer goes alone. Returns where they end.
     */
    int drainUndispatched(final MutableDirectBuffer target, final int targetOffset, final int limit) {
        int end = targetOffset;
        while (undispatched < next) {
            final int at = offsets[(int) undispatched & mask];
            final int length = Batch.commandLength(Batch.length(arena, at));
            if (end + length > limit && end > Batch.HEADER_LENGTH) {
                break;
            }
            if (states[(int) undispatched & mask] != DONE) {
                target.putBytes(end, arena, at, length);
                end += length;
            }
            undispatched++;
        }
        dispatchedThrough = Math.max(dispatchedThrough, undispatched - 1);
        return end;
    }

    /** Gives everything without an outcome out again: the leader has changed, or does not answer. */
    void redispatchAll() {
        undispatched = head;
    }

    /** Whether the oldest command has been given out and still has no outcome. */
    boolean isWaiting() {
        return head < undispatched;
    }

    long oldest() {
        return head;
    }

    /** A command of this origin and incarnation has been executed. */
    void chosen(final long sequence, final long slot, final DirectBuffer reply, final int offset, final int length) {
        if (sequence < head || sequence >= next || states[(int) sequence & mask] == DONE) {
            return; // its deadline has passed
        }
        final int i = (int) sequence & mask;
        final byte state = states[i];
        final long correlationId = correlationIds[i];
        finish(sequence);
        if (state == TYPE_OFFER) {
            replyHandler.onChosen(correlationId, slot, reply, offset, length);
        } else {
            final byte[] copy = new byte[length];
            reply.getBytes(offset, copy);
            complete(correlationId, new Outcome.Chosen(slot, copy));
        }
    }

    /** How long until the oldest command must have its outcome; {@code Long.MAX_VALUE} if there is none. */
    long untilDeadlineNs(final long nowNs) {
        return head < next ? deadlinesNs[(int) head & mask] - nowNs : Long.MAX_VALUE;
    }

    /** Gives those whose deadline has passed their outcome: it is unknown if they were ever given out. */
    int expire(final long nowNs) {
        int expired = 0;
        while (head < next && deadlinesNs[(int) head & mask] - nowNs <= 0) {
            giveUp("no answer by its deadline", "no leader by its deadline");
            expired++;
        }
        return expired;
    }

    /** Nothing is taken any more, and everything gets its outcome. */
    void close() {
        isClosed = true;
        RuntimeException thrown = null;
        do {
            while (head < next) {
                try {
                    giveUp("the replica stopped", "the replica stopped");
                } catch (final RuntimeException e) { // by a reply handler; the others still get their outcome
                    thrown = e;
                }
            }
        } while (drain() > 0);
        for (int i = 0; i <= mask; i++) {
            complete(
                    i,
                    new Outcome.NotChosen("the replica stopped")); // behind a claim that its caller has yet to finish
        }
        if (thrown != null) {
            throw thrown;
        }
    }

    private void giveUp(final String unknown, final String notChosen) {
        final int i = (int) head & mask;
        final byte state = states[i];
        final long correlationId = correlationIds[i];
        final boolean wasSent = head <= dispatchedThrough;
        finish(head);
        if (state == TYPE_SUBMIT) {
            complete(correlationId, wasSent ? new Outcome.Unknown(unknown) : new Outcome.NotChosen(notChosen));
        } else if (wasSent) {
            replyHandler.onUnknown(correlationId);
        } else {
            replyHandler.onNotChosen(correlationId);
        }
    }

    private void finish(final long sequence) {
        states[(int) sequence & mask] = DONE;
        while (head < next && states[(int) head & mask] == DONE) {
            head++;
        }
        undispatched = Math.max(undispatched, head);
    }

    private void complete(final long correlationId, final Outcome outcome) {
        final CompletableFuture<Outcome> future = futures.getAndSet((int) correlationId & mask, null);
        if (future != null) {
            future.complete(outcome);
        }
    }
}
