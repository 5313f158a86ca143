package io.paxos.value;

import io.paxos.statemachine.Command;
import org.agrona.DirectBuffer;

/**
 * One command inside a value: reads the bytes where they lie. Moved from command to command, so that none is allocated.
 *
 * <p>Valid as long as the bytes under it. One thread.
 */
public final class CommandView implements Command {
    private static final int BYTES_SHOWN_MAX = 32;

    private DirectBuffer value;
    private long slot;
    private long timeMs;
    private int at; // where the header of the command begins in the value

    /**
     * Moves the view to the command at {@code at}, which {@link ValueCodec#isCommand} has found whole.
     *
     * @param newSlot in which the value was chosen
     * @param newTimeMs cluster time when the command is executed
     */
    public CommandView wrap(final long newSlot, final long newTimeMs, final DirectBuffer newValue, final int newAt) {
        slot = newSlot;
        timeMs = newTimeMs;
        value = newValue;
        at = newAt;
        return this;
    }

    /** The name of the command. Allocates: for messages and tools. */
    public CommandName name() {
        return new CommandName(
                ValueCodec.origin(value, at), ValueCodec.incarnation(value, at), ValueCodec.sequence(value, at));
    }

    /** The length of the command and its first bytes in hex. Allocates: for messages. */
    public String bytesText() {
        final StringBuilder text = new StringBuilder();
        text.append(length()).append(length() == 1 ? " byte" : " bytes");
        for (int i = 0; i < Math.min(length(), BYTES_SHOWN_MAX); i++) {
            text.append(String.format(" %02x", value.getByte(offset() + i)));
        }
        return length() > BYTES_SHOWN_MAX ? text.append(" ...").toString() : text.toString();
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
        return value;
    }

    @Override
    public int offset() {
        return at + ValueCodec.COMMAND_HEADER_LENGTH;
    }

    @Override
    public int length() {
        return ValueCodec.length(value, at);
    }

    @Override
    public String toString() {
        return "command " + name() + " of slot " + slot + ", " + length() + " bytes";
    }
}
