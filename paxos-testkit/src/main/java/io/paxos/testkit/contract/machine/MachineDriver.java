package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.BrokenPromise;
import io.paxos.testkit.contract.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Feeds one state machine as a replica does, or in an unusual way that must make no difference. */
final class MachineDriver {
    /** The usual cluster time at first. */
    static final long TIME_MS = 1_700_000_000_000L;

    private static final int REPLY_MARGIN = 64;
    private static final byte BEYOND = 0x5A; // what the reply's buffer holds behind the reserved bytes

    /** Where the bytes of commands lie. */
    enum Buffers {
        /** Alone in an array, never touched again. */
        PLAIN,
        /** In the middle of a direct buffer, with garbage around, that is spoiled after the call. */
        UNUSUAL
    }

    private final StateMachine machine;
    private final Buffers buffers;
    private final byte stale; // what reply buffers hold before a call
    private final View view = new View();
    private long slot = 1; // of the last command; never falls
    private long timeMs; // of the last command; never falls

    private byte[] lastReply = {}; // the buffer of the reply before; the machine must not write to it any longer
    private byte[] lastReplyThen = {}; // what it held when that call returned

    /** {@code timeMs}: the cluster time at first. {@code stale}: what the buffers of replies are filled with. */
    MachineDriver(final StateMachine machine, final Buffers buffers, final long timeMs, final byte stale) {
        this.machine = machine;
        this.buffers = buffers;
        this.timeMs = timeMs;
        this.stale = stale;
    }

    /** A replica with nothing unusual about it. */
    static MachineDriver plain(final StateMachine machine) {
        return new MachineDriver(machine, Buffers.PLAIN, TIME_MS, (byte) 0);
    }

    /** Feeds another machine, from the same slot and the same time on. */
    MachineDriver successor(final StateMachine other) {
        final MachineDriver successor = new MachineDriver(other, buffers, timeMs, stale);
        successor.slot = slot;
        return successor;
    }

    StateMachine machine() {
        return machine;
    }

    /** The reply. */
    byte[] give(final MachineInput input) {
        return input.kind() == MachineInput.Kind.QUERY ? query(input.bytes()) : apply(input);
    }

    byte[] apply(final MachineInput input) {
        slot += input.slotsOn();
        timeMs += input.msOn();
        return call(input.bytes(), (buffer, offset, length, reply) -> {
            view.wrap(slot, timeMs, buffer, offset, length);
            machine.apply(view, reply);
        });
    }

    byte[] query(final byte[] query) {
        return call(query, machine::query);
    }

    private interface Call {
        void call(DirectBuffer buffer, int offset, int length, Reply reply);
    }

    private byte[] call(final byte[] bytes, final Call call) {
        final int margin = buffers == Buffers.PLAIN ? 0 : 5 + bytes.length % 7;
        final int capacity = bytes.length + 2 * margin;
        final UnsafeBuffer buffer = buffers == Buffers.PLAIN
                ? new UnsafeBuffer(new byte[capacity])
                : new UnsafeBuffer(ByteBuffer.allocateDirect(capacity));
        for (int i = 0; i < capacity; i++) {
            buffer.putByte(i, (byte) (i * 7 + stale));
        }
        buffer.putBytes(margin, bytes);
        final Answer answer = new Answer(stale);
        try {
            call.call(buffer, margin, bytes.length, answer);
        } catch (final RuntimeException | Error e) {
            final BrokenPromise broken =
                    new BrokenPromise(MachinePromises.NEVER_THROWS, Bytes.text(bytes) + " make it throw " + e);
            broken.initCause(e);
            throw broken;
        }
        final byte[] after = new byte[bytes.length];
        buffer.getBytes(margin, after);
        if (!Arrays.equals(bytes, after)) {
            throw new BrokenPromise(
                    MachinePromises.BYTES_ALONE, Bytes.text(bytes) + " have become " + Bytes.text(after));
        }
        if (buffers == Buffers.UNUSUAL) {
            buffer.setMemory(0, capacity, (byte) ~stale);
        }
        requireOldReplyUntouched();
        lastReply = answer.bytes;
        lastReplyThen = answer.bytes.clone();
        return answer.reply();
    }

    private void requireOldReplyUntouched() {
        if (!Arrays.equals(lastReply, lastReplyThen)) {
            throw new BrokenPromise(
                    MachinePromises.REPLY_BUFFER, "the buffer of the reply before was written to during the next call");
        }
    }

    private static final class View implements Command {
        private long slot;
        private long timeMs;
        private DirectBuffer buffer;
        private int offset;
        private int length;

        void wrap(
                final long newSlot,
                final long newTimeMs,
                final DirectBuffer newBuffer,
                final int newOffset,
                final int newLength) {
            slot = newSlot;
            timeMs = newTimeMs;
            buffer = newBuffer;
            offset = newOffset;
            length = newLength;
        }

        @Override
        public long slot() {
            return slot;
        }

        @Override
        public long timeMs() {
            return timeMs;
        }

        @Override
        public DirectBuffer buffer() {
            return buffer;
        }

        @Override
        public int offset() {
            return offset;
        }

        @Override
        public int length() {
            return length;
        }
    }

    /** A reply in a buffer that is larger than reserved and full of what it held before. */
    private static final class Answer implements Reply {
        private final byte stale;
        private byte[] bytes = {};
        private int length;

        Answer(final byte stale) {
            this.stale = stale;
        }

        @Override
        public MutableDirectBuffer reserve(final int newLength) {
            if (newLength < 0) {
                throw new IllegalArgumentException("length=" + newLength);
            }
            length = newLength;
            bytes = new byte[newLength + REPLY_MARGIN];
            Arrays.fill(bytes, 0, length, stale);
            Arrays.fill(bytes, length, bytes.length, BEYOND);
            return new UnsafeBuffer(bytes);
        }

        byte[] reply() {
            for (int i = length; i < bytes.length; i++) {
                if (bytes[i] != BEYOND) {
                    throw new BrokenPromise(
                            MachinePromises.REPLY_BUFFER, "reserved " + length + " bytes and wrote to index " + i);
                }
            }
            return Arrays.copyOf(bytes, length);
        }
    }
}
