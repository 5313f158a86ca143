package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.execution.Outcomes;
import io.paxos.value.ValueCodec;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.ControlledMessageHandler.Action;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * This replica's own commands from the inbox to their outcome, in an arena, in the very bytes of which values are made.
 *
 * <p>Each command gets the next sequence number. It stays until it was executed here or its deadline has passed, so
 * that it can be dispatched again when a leader is lost. When the arena is full the inbox fills, and when that is full
 * callers are told {@link ReplicaEngine#BACK_PRESSURED}.
 *
 * <p>Example, with an arena of 128 bytes and room for 4 commands. Each command takes 40 bytes with header and padding:
 *
 * <pre>
 * commands 1, 2, 3 come     at 0..39, 40..79, 80..119                   head 1, next 4, undispatched 1
 * a value takes two                                                    undispatched 3, dispatchedThrough 2
 * 2 is executed             its outcome leaves, its bytes stay: 1 is older
 * 4 comes                   8 bytes are left behind 3 and none before 1: no room, 4 stays in the inbox
 * 1 is executed             head passes 1 and 2                         head 3
 * 4 comes                   at 0..39: the arena wraps                   next 5
 * 5 comes                   would end at 80, where 3 begins: such an arena would look empty, so 5 stays in the inbox
 * the leader is lost        3 and 4 are dispatched again, under their old names
 * </pre>
 *
 * <p>The replica's thread only.
 */
final class PendingCommands implements Outcomes {
    private static final Outcome.NotChosen NO_ROOM = new Outcome.NotChosen(
            Reason.BUSY, "there was no room by its deadline: too many commands wait for their outcome");
    private static final byte DONE = 3; // a state, as the types of the inbox are: offered, submitted, done

    private final int self;
    private final int incarnation;
    private final Callbacks callbacks;
    private final CommandInbox inbox;
    private final ControlledMessageHandler onCommand = this::onCommand;
    private final ControlledMessageHandler onLate = this::onLate;

    /** The bytes of the commands head..next-1, in this order, with one wrap at most. */
    private final UnsafeBuffer arena;

    // By sequence & mask, for the commands head..next-1.
    private final int[] offsets;
    private final long[] correlationIds;
    private final long[] deadlinesNs;
    private final byte[] states;
    private final int mask;

    // 1 <= head <= undispatched <= next, and dispatchedThrough < next.
    private long head = 1; // the oldest command without an outcome; head == next if there is none
    private long next = 1; // the sequence of the next command; next - head <= mask + 1
    private long undispatched = 1; // the first command to dispatch next
    private long dispatchedThrough; // commands through this one have been dispatched at least once; never falls
    private long carefulThrough; // commands through this one are dispatched only behind executed ones; never falls
    private long awaited; // the oldest command when a later one came early for the last time; 0 before
    private long earliestNs; // no command without an outcome has an earlier deadline; means nothing if head == next
    private boolean isBlocked; // at the last drain a command of the inbox has found no room
    private long blockedNs; // the deadline of that command; means nothing unless isBlocked
    private long lookedNs; // when commands of the inbox were last refused
    private int arenaTail; // where the bytes of command next - 1 end

    PendingCommands(
            final int self,
            final int incarnation,
            final Callbacks callbacks,
            final CommandInbox inbox,
            final int pendingBytes,
            final int pendingCommands) {
        this.self = self;
        this.incarnation = incarnation;
        this.callbacks = callbacks;
        this.inbox = inbox;
        arena = new UnsafeBuffer(new byte[pendingBytes]);
        offsets = new int[pendingCommands];
        correlationIds = new long[pendingCommands];
        deadlinesNs = new long[pendingCommands];
        states = new byte[pendingCommands];
        mask = pendingCommands - 1;
    }

    /**
     * Moves what has come in to the arena, as far as it has room, and if not too many outcomes wait to be told. Returns
     * the amount of work done.
     */
    int drain() {
        isBlocked = false;
        return callbacks.hasRoom() ? inbox.drain(onCommand) : 0;
    }

    /** A command in the inbox, whose deadline has perhaps passed before there was room for it. */
    private Action onLate(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        if (buffer.getLong(index + CommandInbox.DEADLINE_OFFSET) - lookedNs > 0) {
            return Action.ABORT;
        }
        final long correlationId = buffer.getLong(index);
        if (type == CommandInbox.SUBMITTED) {
            inbox.complete(correlationId, NO_ROOM, 0);
        } else {
            callbacks.notChosen(correlationId, NO_ROOM.reason());
        }
        return Action.CONTINUE;
    }

    private Action onCommand(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        final boolean hadRoom = put(
                type,
                buffer.getLong(index),
                buffer.getLong(index + CommandInbox.DEADLINE_OFFSET),
                buffer,
                index + CommandInbox.HEADER_LENGTH,
                length - CommandInbox.HEADER_LENGTH);
        if (!hadRoom) {
            isBlocked = true;
            blockedNs = buffer.getLong(index + CommandInbox.DEADLINE_OFFSET);
        }
        return hadRoom ? Action.CONTINUE : Action.ABORT;
    }

    /** Appends a command under the next sequence number. Returns false if there is no room. */
    boolean put(
            final int type,
            final long correlationId,
            final long deadlineNs,
            final DirectBuffer command,
            final int offset,
            final int length) {
        final int at = allocate(ValueCodec.commandLength(length));
        if (at < 0) {
            return false;
        }
        if (head == next || deadlineNs - earliestNs < 0) {
            earliestNs = deadlineNs;
        }
        ValueCodec.putCommand(arena, at, self, incarnation, next, command, offset, length);
        final int i = (int) next & mask;
        offsets[i] = at;
        correlationIds[i] = correlationId;
        deadlinesNs[i] = deadlineNs;
        states[i] = (byte) type;
        next++;
        assert isValid() : this;
        return true;
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
        if (at > arenaHead && arena.capacity() - at < length) {
            at = 0;
        }
        if (at <= arenaHead && arenaHead - at <= length) {
            return -1; // it would reach the oldest command; an exact fit would look empty
        }
        arenaTail = at + length;
        assert arenaTail <= arena.capacity() : "arenaTail=" + arenaTail;
        return at;
    }

    /** Whether a command waits to be dispatched now, for the first time or again. */
    boolean hasUndispatched() {
        return undispatched < next && (undispatched > carefulThrough || undispatched == head);
    }

    /**
     * Dispatches commands: copies them to a value or a forward, from {@code targetOffset} on, as long as that ends at
     * or below {@code limit}. A command that is longer goes alone. Returns where they end.
     */
    int drainUndispatched(final MutableDirectBuffer target, final int targetOffset, final int limit) {
        int end = targetOffset;
        if (!hasUndispatched()) {
            return end;
        }
        long before = before(undispatched);
        while (undispatched < next) {
            final int i = (int) undispatched & mask;
            final int at = offsets[i];
            final int length = ValueCodec.commandLength(ValueCodec.length(arena, at));
            if (end + length > limit && end > ValueCodec.HEADER_LENGTH) {
                break;
            }
            if (states[i] != DONE) {
                target.putBytes(end, arena, at, length);
                ValueCodec.putOrder(target, end, before == 0 ? ValueCodec.FIRST : (int) (undispatched - before));
                before = undispatched;
                end += length;
            }
            undispatched++;
        }
        dispatchedThrough = Math.max(dispatchedThrough, undispatched - 1);
        assert isValid() : this;
        return end;
    }

    /** The last command before this one that has no outcome; 0 if there is none. */
    private long before(final long sequence) {
        long before = sequence - 1;
        while (before >= head && states[(int) before & mask] == DONE) {
            before--;
        }
        return before >= head ? before : 0;
    }

    /**
     * A command was chosen before an older one, which was lost or overtaken on its way to the leader. All are
     * dispatched again, once for each that is the oldest, because others that were on their way come early too. This
     * time one batch follows when the one before it has been executed. So the way can change their order as it likes.
     */
    @Override
    public void early(final long sequence) {
        if (sequence >= head && sequence < next && states[(int) sequence & mask] != DONE && awaited != head) {
            awaited = head;
            carefulThrough = next - 1;
            redispatchAll();
        }
    }

    /** Everything without an outcome is to be dispatched again: the leader has changed, or does not answer. */
    void redispatchAll() {
        undispatched = head;
    }

    /** Whether the oldest command has been dispatched and has no outcome yet. */
    boolean isWaiting() {
        return head < undispatched;
    }

    /** The sequence of the oldest command without an outcome; the next one to be given if there is none. */
    long oldest() {
        return head;
    }

    /** The sequence of the next command. */
    long next() {
        return next;
    }

    @Override
    public void executed(
            final long sequence, final long slot, final DirectBuffer reply, final int offset, final int length) {
        if (sequence < head || sequence >= next || states[(int) sequence & mask] == DONE) {
            return; // its deadline has passed
        }
        final int i = (int) sequence & mask;
        final byte state = states[i];
        final long correlationId = correlationIds[i];
        finish(sequence);
        if (state == CommandInbox.OFFERED) {
            callbacks.chosen(correlationId, slot, reply, offset, length);
        } else {
            final byte[] copy = new byte[length];
            reply.getBytes(offset, copy);
            inbox.complete(correlationId, new Outcome.Chosen(slot, copy), length);
        }
    }

    /** How long until {@link #expire} must be called, at the latest; {@code Long.MAX_VALUE} if nothing waits. */
    long untilDeadlineNs(final long nowNs) {
        final long pendingNs = head < next ? earliestNs - nowNs : Long.MAX_VALUE;
        return isBlocked ? Math.min(pendingNs, blockedNs - nowNs) : pendingNs;
    }

    /**
     * Commands whose deadline has passed get their outcome: unknown if they were ever dispatched. Returns how many.
     *
     * <p>Deadlines are in no order, because each call may have its own. So all are looked at when the earliest of those
     * that waited at the last look has passed.
     *
     * @param standing why no leader has taken those that were not
     */
    int expire(final long nowNs, final Supplier<Outcome.NotChosen> standing) {
        if (untilDeadlineNs(nowNs) > 0) {
            return 0;
        }
        int expired = 0;
        long untilNs = Long.MAX_VALUE;
        for (long sequence = head; sequence < next; sequence++) {
            final int i = (int) sequence & mask;
            if (states[i] != DONE && deadlinesNs[i] - nowNs <= 0) {
                giveUp(sequence, "no answer by its deadline", standing.get());
                expired++;
            } else if (states[i] != DONE) {
                untilNs = Math.min(untilNs, deadlinesNs[i] - nowNs);
            }
        }
        earliestNs = nowNs + untilNs;
        // Commands that wait for the room of these have the same deadline: a turn for each arena of them would be late.
        if (expired > 0 && drain() > 0) {
            return expired + expire(nowNs, standing);
        }
        return expired + refuseLate(nowNs);
    }

    /** Commands that wait in the inbox for room, behind one with a later deadline here. Returns how many. */
    private int refuseLate(final long nowNs) {
        int refused = 0;
        if (isBlocked && blockedNs - nowNs <= 0) {
            lookedNs = nowNs;
            isBlocked = false;
            int more;
            while ((more = inbox.drain(onLate)) > 0) {
                refused += more;
            }
            drain(); // looks whether the next one is blocked
        }
        return refused;
    }

    /** Commands that were never dispatched get their outcome: not chosen, for this reason. Returns how many. */
    int refuseNew(final Supplier<Outcome.NotChosen> reason) {
        final long first = Math.max(head, dispatchedThrough + 1);
        if (first == next) {
            return 0;
        }
        final Outcome.NotChosen refusal = reason.get();
        int refused = 0;
        for (long sequence = first; sequence < next; sequence++) {
            if (states[(int) sequence & mask] != DONE) {
                giveUp(sequence, refusal.text(), refusal);
                refused++;
            }
        }
        reuse(first);
        return refused;
    }

    /**
     * The names from this one on were never given to anybody, and their commands are done. So names and room are free
     * again, although an older command may wait.
     */
    private void reuse(final long first) {
        if (head < first) {
            next = first;
            undispatched = Math.min(undispatched, next);
            final int last = offsets[(int) (next - 1) & mask];
            arenaTail = last + ValueCodec.commandLength(ValueCodec.length(arena, last));
        }
        assert isValid() : this;
    }

    /** Nothing is taken any more, and everything gets its outcome with this reason. */
    void close(final Outcome.NotChosen reason) {
        inbox.close(reason);
        do {
            while (head < next) {
                giveUp(head, reason.text(), reason);
            }
        } while (inbox.drain(onCommand) > 0);
        inbox.completeAll();
    }

    private void giveUp(final long sequence, final String unknown, final Outcome.NotChosen notChosen) {
        final int i = (int) sequence & mask;
        final byte state = states[i];
        final long correlationId = correlationIds[i];
        final boolean wasSent = sequence <= dispatchedThrough;
        finish(sequence);
        if (state == CommandInbox.SUBMITTED) {
            inbox.complete(correlationId, wasSent ? new Outcome.Unknown(unknown) : notChosen, 0);
        } else if (wasSent) {
            callbacks.unknown(correlationId);
        } else {
            callbacks.notChosen(correlationId, notChosen.reason());
        }
    }

    private void finish(final long sequence) {
        states[(int) sequence & mask] = DONE;
        while (head < next && states[(int) head & mask] == DONE) {
            head++;
        }
        undispatched = Math.max(undispatched, head);
        assert isValid() : this;
    }

    private boolean isValid() {
        return 1 <= head
                && head <= undispatched
                && undispatched <= next
                && next - head <= mask + 1
                && dispatchedThrough < next
                && (head == next || states[(int) head & mask] != DONE);
    }

    @Override
    public String toString() {
        return "head=" + head + " next=" + next + " undispatched=" + undispatched + " dispatchedThrough="
                + dispatchedThrough + " arenaTail=" + arenaTail;
    }
}
