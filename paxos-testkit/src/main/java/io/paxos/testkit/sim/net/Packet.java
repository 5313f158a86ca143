package io.paxos.testkit.sim.net;

import static io.paxos.transport.wire.FrameLayout.HEADER_LENGTH;

import io.paxos.spi.Messages;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.value.SimCommands;
import io.paxos.testkit.sim.value.Values;
import io.paxos.testkit.trace.MessageText;
import io.paxos.testkit.trace.ValueText;
import io.paxos.transport.wire.MessageType;
import io.paxos.transport.wire.MessageView;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One message under way: the bytes of its frame, and its receiver. The table of {@link MessageType} defines the
 * messages; this class names none.
 *
 * <p>Pooled: {@link #to} and {@link #set} reuse the object for another packet.
 */
public final class Packet {
    private static final int TEXT_COMMANDS_MAX = 8;
    private static final ValueText FIRST_COMMANDS =
            (value, offset, length) -> SimCommands.text(value, offset, length, TEXT_COMMANDS_MAX);

    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[128]); // grows; message is a view of its beginning
    private final MessageView message = new MessageView();
    private int to; // a replica id
    private Connection connection; // that it takes; null if its network has none

    public Packet to(final int receiver) {
        to = receiver;
        return this;
    }

    /** Sends the packet over this connection; null if the network has none. */
    Packet over(final Connection newConnection) {
        connection = newConnection;
        return this;
    }

    Connection connection() {
        return connection;
    }

    /** Copies this message into the packet. */
    public Packet set(final MessageView source) {
        final int length = source.payloadOffset() + source.payloadLength();
        if (frame.capacity() < length) {
            frame.wrap(new byte[2 * length]);
        }
        source.buffer().getBytes(0, frame, 0, length);
        message.wrap(frame, 0, length);
        return this;
    }

    /** Copies {@code other} into this packet. */
    void copyFrom(final Packet other) {
        to(other.to).over(other.connection).set(other.message);
    }

    public MessageType type() {
        return message.type();
    }

    public int from() {
        return message.from();
    }

    public int to() {
        return to;
    }

    /** The length of its frame. */
    public int length() {
        return message.payloadOffset() + message.payloadLength();
    }

    /** The field of this name; 0 if this message has no such field. A flag is 0 or 1. */
    public long field(final String name) {
        return message.field(name);
    }

    /** What a diagram shows of this message. */
    public MessageText text(final ValueText values) {
        return MessageText.of(message, values);
    }

    /** Calls the method of this message. */
    public void deliver(final Messages receiver) {
        message.deliver(receiver);
    }

    /** The same number for the same message, in every run. */
    long hash() {
        final int fields = message.payloadOffset() - type().fieldsLength();
        assert fields == HEADER_LENGTH : "fields=" + fields;
        final long route = (long) type().code() << Integer.SIZE | (long) from() << Short.SIZE | to;
        final int length = message.payloadOffset() + message.payloadLength() - HEADER_LENGTH;
        return SimRandom.mix(SimRandom.mix(route) ^ Values.hash(frame, HEADER_LENGTH, length));
    }

    /** As in {@code 2->1 accepted ballot 3.1 fromSlot 4 throughSlot 7}. */
    @Override
    public String toString() {
        return from() + "->" + to + ' ' + MessageText.line(message, FIRST_COMMANDS);
    }
}
