package io.paxos.transport.wire;

import static io.paxos.transport.wire.MessageField.ballot;
import static io.paxos.transport.wire.MessageField.flag;
import static io.paxos.transport.wire.MessageField.numeric;
import static io.paxos.transport.wire.MessageField.payload;
import static io.paxos.transport.wire.MessageField.round;
import static io.paxos.transport.wire.MessageField.slot;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.paxos.spi.Messages;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The table of messages: one line for each method of {@link Messages}, with its code on the wire, its name, and its
 * fields.
 *
 * <p>The fields are the parameters of the method, in order and by name, without {@code from}. A {@link
 * FieldKind#PAYLOAD} stands for the three parameters {@code DirectBuffer, offset, length}; it is the last one. A test
 * compares this table with the methods of {@link Messages}.
 *
 * <p>{@link #deliver} is the only place that turns a frame back into a call, and {@link FrameWriter} the only one that
 * turns a call into a frame. Everything else that must know all messages is derived from this table.
 */
@SuppressWarnings("ImmutableEnumChecker") // the list and the array never change after the constructor
public enum MessageType {
    // 0 is no message, so that a frame of zeros is not one. A code that was used once keeps its meaning for ever.
    PREPARE(1, "prepare", ballot("ballot"), slot("fromSlot")),
    PROMISE(2, "promise", ballot("ballot"), slot("chosenThrough"), slot("lastSlot")),
    REPORT(3, "report", ballot("ballot"), slot("slot"), ballot("acceptedBallot"), payload("value")),
    ACCEPT(4, "accept", ballot("ballot"), slot("slot"), slot("chosenThrough"), payload("value")),
    ACCEPTED(5, "accepted", ballot("ballot"), slot("fromSlot"), slot("throughSlot")),
    REJECT(6, "reject", ballot("promised"), slot("slot")),
    CHOSEN(7, "chosen", ballot("ballot"), slot("throughSlot")),
    FETCH(8, "fetch", slot("fromSlot"), slot("throughSlot")),
    LEARN(9, "learn", ballot("ballot"), slot("slot"), payload("value")),
    PING(10, "ping", round("round")),
    PONG(11, "pong", round("round"), ballot("following"), flag("happy"), slot("chosenThrough")),
    FORWARD(12, "forward", payload("commands")),
    ASK_READ(13, "askRead", round("round")),
    CONFIRM(14, "confirm", ballot("ballot"), round("round")),
    CONFIRMED(15, "confirmed", ballot("ballot"), round("round")),
    READ_AT(16, "readAt", ballot("ballot"), round("round"), slot("slot")),
    APPLIED(17, "applied", slot("slot"), numeric("values"), numeric("replies")),
    WALL_CLOCK(18, "wallClock", numeric("timeMs")),
    TRIMMED(19, "trimmed", slot("firstSlot")),
    ASK_SNAPSHOT(20, "askSnapshot", slot("throughSlot")),
    SNAPSHOT(21, "snapshot", slot("slot"), numeric("id"), numeric("length")),
    FETCH_SNAPSHOT(22, "fetchSnapshot", slot("slot"), numeric("id"), numeric("position")),
    SNAPSHOT_BYTES(23, "snapshotBytes", slot("slot"), numeric("id"), numeric("position"), payload("bytes")),
    FULL(24, "full", ballot("ballot"));

    private static final MessageType[] BY_CODE = byCode();

    private final byte code;
    private final String methodName;
    private final List<MessageField> fields; // without the payload
    private final String payloadName; // null if there is no payload
    private final int[] offsets; // of each field, from the first one
    private final int fieldsLength; // in bytes
    private final boolean hasPayload; // payloadName != null
    private final boolean isData; // has a payload, or makes sense only behind the payloads that were sent before it
    private final boolean hasFlags; // whether any field is a FLAG

    MessageType(final int code, final String methodName, final MessageField... parameters) {
        this.code = (byte) code;
        this.methodName = methodName;
        fields = Stream.of(parameters)
                .filter(field -> field.kind() != FieldKind.PAYLOAD)
                .toList();
        hasPayload = fields.size() < parameters.length;
        isData = hasPayload || methodName.equals("chosen") || methodName.equals("snapshot");
        payloadName = hasPayload ? parameters[fields.size()].name() : null;
        offsets = new int[fields.size()];
        int end = 0;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = end;
            end += fields.get(i).kind().length();
        }
        fieldsLength = end;
        hasFlags = fields.stream().anyMatch(field -> field.kind() == FieldKind.FLAG);
    }

    /** The message with this code; null if there is none. Any number may be asked for. */
    public static MessageType ofCode(final int code) {
        return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    /** The code on the wire, 1..127. */
    public byte code() {
        return code;
    }

    /** The name of the method of {@link Messages}. */
    public String methodName() {
        return methodName;
    }

    /** The fields in the order of the parameters, without {@code from} and without the payload. */
    public List<MessageField> fields() {
        return fields;
    }

    /** The place of a field in {@link #fields}, by its name; -1 if this message has no such field. */
    public int indexOf(final String field) {
        for (int i = 0; i < offsets.length; i++) {
            if (fields.get(i).name().equals(field)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether bytes of any length follow the fields. */
    public boolean hasPayload() {
        return hasPayload;
    }

    /**
     * Whether it keeps its place among the values and snapshots that are sent: it carries bytes, or announces what was
     * or will be carried. All others are short and may pass.
     */
    public boolean isData() {
        return isData;
    }

    /** The name of the payload's parameter; null if there is no payload. */
    public String payloadName() {
        return payloadName;
    }

    /** The length in bytes of all fields together, without the payload. */
    public int fieldsLength() {
        return fieldsLength;
    }

    /** Reads one field of the fields that begin at {@code offset}. A flag is 0 or 1. */
    long field(final DirectBuffer buffer, final int offset, final int index) {
        final int at = offset + offsets[index];
        return fields.get(index).kind() == FieldKind.FLAG ? buffer.getByte(at) : buffer.getLong(at, LITTLE_ENDIAN);
    }

    /** Writes one field of the fields that begin at {@code offset}: the counterpart of {@link #field}. */
    void putField(final MutableDirectBuffer buffer, final int offset, final int index, final long value) {
        final int at = offset + offsets[index];
        if (fields.get(index).kind() == FieldKind.FLAG) {
            buffer.putByte(at, (byte) value);
        } else {
            buffer.putLong(at, value, LITTLE_ENDIAN);
        }
    }

    /**
     * Whether each flag of the fields that begin at {@code offset} is 0 or 1, the only bytes that a writer produces.
     */
    boolean areFlagsValid(final DirectBuffer buffer, final int offset) {
        if (!hasFlags) {
            return true;
        }
        for (int i = 0; i < offsets.length; i++) {
            if (fields.get(i).kind() == FieldKind.FLAG && (buffer.getByte(offset + offsets[i]) & ~1) != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Calls the method of this message with the fields that begin at {@code fields}. No allocation.
     *
     * <p>A switch without a default, so that the compiler warns while a message is missing.
     *
     * @param payload where the payload begins in {@code buffer}; used only by a message that has one, as is {@code
     *     length}
     */
    void deliver(
            final int from,
            final DirectBuffer buffer,
            final int fields,
            final int payload,
            final int length,
            final Messages to) {
        switch (this) {
            case PREPARE -> to.prepare(from, number(buffer, fields, 0), number(buffer, fields, 1));
            case PROMISE ->
                to.promise(from, number(buffer, fields, 0), number(buffer, fields, 1), number(buffer, fields, 2));
            case REPORT -> {
                final long acceptedBallot = number(buffer, fields, 2);
                final long slot = number(buffer, fields, 1);
                to.report(from, number(buffer, fields, 0), slot, acceptedBallot, buffer, payload, length);
            }
            case ACCEPT -> {
                final long chosenThrough = number(buffer, fields, 2);
                final long slot = number(buffer, fields, 1);
                to.accept(from, number(buffer, fields, 0), slot, chosenThrough, buffer, payload, length);
            }
            case ACCEPTED ->
                to.accepted(from, number(buffer, fields, 0), number(buffer, fields, 1), number(buffer, fields, 2));
            case REJECT -> to.reject(from, number(buffer, fields, 0), number(buffer, fields, 1));
            case CHOSEN -> to.chosen(from, number(buffer, fields, 0), number(buffer, fields, 1));
            case FETCH -> to.fetch(from, number(buffer, fields, 0), number(buffer, fields, 1));
            case LEARN -> to.learn(from, number(buffer, fields, 0), number(buffer, fields, 1), buffer, payload, length);
            case PING -> to.ping(from, number(buffer, fields, 0));
            case PONG -> {
                final boolean happy = buffer.getByte(fields + 2 * Long.BYTES) != 0;
                final long chosenThrough = number(buffer, fields + 1, 2);
                to.pong(from, number(buffer, fields, 0), number(buffer, fields, 1), happy, chosenThrough);
            }
            case FORWARD -> to.forward(from, buffer, payload, length);
            case ASK_READ -> to.askRead(from, number(buffer, fields, 0));
            case CONFIRM -> to.confirm(from, number(buffer, fields, 0), number(buffer, fields, 1));
            case CONFIRMED -> to.confirmed(from, number(buffer, fields, 0), number(buffer, fields, 1));
            case READ_AT ->
                to.readAt(from, number(buffer, fields, 0), number(buffer, fields, 1), number(buffer, fields, 2));
            case APPLIED ->
                to.applied(from, number(buffer, fields, 0), number(buffer, fields, 1), number(buffer, fields, 2));
            case WALL_CLOCK -> to.wallClock(from, number(buffer, fields, 0));
            case FULL -> to.full(from, number(buffer, fields, 0));
            case TRIMMED -> to.trimmed(from, number(buffer, fields, 0));
            case ASK_SNAPSHOT -> to.askSnapshot(from, number(buffer, fields, 0));
            case SNAPSHOT ->
                to.snapshot(from, number(buffer, fields, 0), number(buffer, fields, 1), number(buffer, fields, 2));
            case FETCH_SNAPSHOT ->
                to.fetchSnapshot(from, number(buffer, fields, 0), number(buffer, fields, 1), number(buffer, fields, 2));
            case SNAPSHOT_BYTES -> {
                final long position = number(buffer, fields, 2);
                final long id = number(buffer, fields, 1);
                to.snapshotBytes(from, number(buffer, fields, 0), id, position, buffer, payload, length);
            }
        }
    }

    /** The field before which {@code longs} fields of 8 bytes stand. */
    private static long number(final DirectBuffer buffer, final int fields, final int longs) {
        return buffer.getLong(fields + longs * Long.BYTES, LITTLE_ENDIAN);
    }

    private static MessageType[] byCode() {
        final MessageType[] types = new MessageType[values().length + 1];
        for (final MessageType type : values()) {
            types[type.code] = type;
        }
        return types;
    }
}
