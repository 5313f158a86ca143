package io.paxos.replica;

import io.paxos.execution.ExecutionState;
import io.paxos.value.ValueCodec;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Commands of other replicas that wait to be proposed here, first in, first out. The replica's thread only. */
final class ForwardedCommands {
    private final UnsafeBuffer buffer; // whole commands at start..end-1, in the layout of a value
    private final ExecutionState executed;
    private int start; // 0 <= start <= end <= capacity
    private int end;

    ForwardedCommands(final int capacity, final ExecutionState executed) {
        buffer = new UnsafeBuffer(new byte[capacity]);
        this.executed = executed;
    }

    int bytes() {
        return end - start;
    }

    boolean isEmpty() {
        return start == end;
    }

    /**
     * Copies these commands. They are dropped if they have no room, or are no commands: their origin dispatches again.
     */
    void put(final DirectBuffer commands, final int offset, final int length) {
        compact(length);
        if (length <= buffer.capacity() - end && ValueCodec.isCommands(commands, offset, length)) {
            buffer.putBytes(end, commands, offset, length);
            end += length;
        }
    }

    void clear() {
        start = 0;
        end = 0;
    }

    /**
     * Moves whole commands from the front to a value, from {@code targetOffset} on, as {@link
     * PendingCommands#drainUndispatched} does. Returns where they end.
     */
    int drain(final MutableDirectBuffer target, final int targetOffset, final int limit) {
        int targetEnd = targetOffset;
        while (start < end) {
            final int length = ValueCodec.commandLength(ValueCodec.length(buffer, start));
            if (targetEnd + length > limit && targetEnd > ValueCodec.HEADER_LENGTH) {
                break;
            }
            if (!isExecuted(start)) { // dispatched again although it had arrived
                target.putBytes(targetEnd, buffer, start, length);
                targetEnd += length;
            }
            start += length;
        }
        assert start <= end : "start=" + start + " end=" + end;
        return targetEnd;
    }

    private boolean isExecuted(final int at) {
        return executed.isExecuted(
                ValueCodec.origin(buffer, at), ValueCodec.incarnation(buffer, at), ValueCodec.sequence(buffer, at));
    }

    /** Moves what is left to the front, if that is needed to make room. */
    private void compact(final int room) {
        if (start == end) {
            clear();
        } else if (room > buffer.capacity() - end && start > 0) {
            buffer.putBytes(0, buffer, start, end - start);
            end -= start;
            start = 0;
        }
    }
}
