package io.paxos.transport.wire;

/**
 * One field of a message.
 *
 * @param kind what it holds
 * @param name the name of the parameter in {@link io.paxos.spi.Messages}
 */
public record MessageField(FieldKind kind, String name) {
    static MessageField ballot(final String name) {
        return new MessageField(FieldKind.BALLOT, name);
    }

    static MessageField slot(final String name) {
        return new MessageField(FieldKind.SLOT, name);
    }

    static MessageField round(final String name) {
        return new MessageField(FieldKind.ROUND, name);
    }

    static MessageField numeric(final String name) {
        return new MessageField(FieldKind.NUMBER, name);
    }

    static MessageField flag(final String name) {
        return new MessageField(FieldKind.FLAG, name);
    }

    static MessageField payload(final String name) {
        return new MessageField(FieldKind.PAYLOAD, name);
    }
}
