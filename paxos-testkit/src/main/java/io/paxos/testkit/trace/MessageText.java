package io.paxos.testkit.trace;

import io.paxos.protocol.Ballot;
import io.paxos.transport.wire.FieldKind;
import io.paxos.transport.wire.MessageField;
import io.paxos.transport.wire.MessageView;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a diagram shows of a message. Two messages with the same text look the same in a diagram.
 *
 * <p>It is made from the table of {@link io.paxos.transport.wire.MessageType}, so no message is named here. {@code
 * RecordedMessage} of the package {@code memory} is another class, because it must not depend on that table, and can be
 * sent again; this one needs the table, because it shows each field by its name and kind.
 *
 * @param type the name of the method of {@link io.paxos.spi.Messages}, as {@code askRead}
 * @param ballot the first ballot of the message; 0 for none
 * @param slot the field {@code slot} or {@code fromSlot}; 0 for none
 * @param throughSlot the last slot, inclusive; 0 for none
 * @param fields all other fields and the payload as text, by name, in order
 */
public record MessageText(String type, long ballot, long slot, long throughSlot, Map<String, String> fields) {
    private static final String BYTES_OF_A_SNAPSHOT = "bytes"; // the name of the only payload that is no value

    public MessageText {
        Objects.requireNonNull(type, "type");
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** The text of a message, with its payload as {@code values} writes it. */
    public static MessageText of(final MessageView message, final ValueText values) {
        long ballot = Ballot.NONE;
        long slot = 0;
        long throughSlot = 0;
        boolean hasBallot = false;
        final Map<String, String> others = new LinkedHashMap<>();
        for (int i = 0; i < message.type().fields().size(); i++) {
            final MessageField field = message.type().fields().get(i);
            final long value = message.field(i);
            if (field.kind() == FieldKind.BALLOT && !hasBallot) {
                hasBallot = true;
                ballot = value;
            } else if (field.name().equals("slot") || field.name().equals("fromSlot")) {
                slot = value;
            } else if (field.name().equals("throughSlot")) {
                throughSlot = value;
            } else {
                others.put(field.name(), text(field, value));
            }
        }
        if (message.type().hasPayload()) {
            others.put(message.type().payloadName(), payload(message, values));
        }
        return new MessageText(message.type().methodName(), ballot, slot, throughSlot, others);
    }

    /** One line with every field, in order: {@code accepted ballot 3.1 fromSlot 4 throughSlot 7}. */
    public static String line(final MessageView message, final ValueText values) {
        final StringBuilder line = new StringBuilder(message.type().methodName());
        for (int i = 0; i < message.type().fields().size(); i++) {
            final MessageField field = message.type().fields().get(i);
            line.append(' ').append(field.name()).append(' ').append(text(field, message.field(i)));
        }
        if (message.type().hasPayload()) {
            line.append(' ').append(message.type().payloadName()).append(' ').append(payload(message, values));
        }
        return line.toString();
    }

    /** An empty value is a no-op, or no value at all if a ballot in the same message is none. */
    private static String payload(final MessageView message, final ValueText values) {
        final int length = message.payloadLength();
        if (message.type().payloadName().equals(BYTES_OF_A_SNAPSHOT)) {
            return length + " bytes";
        }
        if (length > 0) {
            return values.of(message.buffer(), message.payloadOffset(), length);
        }
        return hasBallotNone(message) ? "none" : "no-op";
    }

    private static boolean hasBallotNone(final MessageView message) {
        for (int i = 0; i < message.type().fields().size(); i++) {
            if (message.type().fields().get(i).kind() == FieldKind.BALLOT && message.field(i) == Ballot.NONE) {
                return true;
            }
        }
        return false;
    }

    /** A round has the incarnation in its upper half. */
    private static String text(final MessageField field, final long value) {
        return switch (field.kind()) {
            case BALLOT -> value == Ballot.NONE ? "none" : Ballot.text(value);
            case ROUND -> (value >>> Integer.SIZE) + ":" + (int) value;
            case FLAG -> value == 0 ? "no" : "yes";
            case SLOT, NUMBER, PAYLOAD -> Long.toString(value);
        };
    }
}
