package io.paxos.replica;

import io.paxos.protocol.MultiPaxos;
import io.paxos.spi.AcceptorLog;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.StateMachine;
import org.agrona.DirectBuffer;

/** Executes chosen values in slot order, each once, and only when they are durable here. */
final class Applier implements AcceptorLog.ValueReader {
    private static final int SLOTS_PER_RUN = 256;
    private static final int BYTES_PER_RUN = 1 << 20;

    private final int self;
    private final AcceptorLog log;
    private final MultiPaxos core;
    private final StateMachine stateMachine;
    private final Submissions submissions;
    private final ExecutedCommands origins = new ExecutedCommands();
    private final ReplyBuffer reply = new ReplyBuffer();
    private final View view = new View();
    private long appliedThrough;
    private long timeMs;
    private int bytes;

    Applier(
            final int self,
            final AcceptorLog log,
            final MultiPaxos core,
            final StateMachine stateMachine,
            final Submissions submissions) {
        this.self = self;
        this.log = log;
        this.core = core;
        this.stateMachine = stateMachine;
        this.submissions = submissions;
    }

    long appliedThrough() {
        return appliedThrough;
    }

    /** The cluster time of the last value applied; a leader never proposes an earlier one. */
    long timeMs() {
        return timeMs;
    }

    /** Whether the command that is laid down here has been executed already. */
    boolean isExecuted(final DirectBuffer commands, final int at) {
        return origins.isExecuted(
                Batch.origin(commands, at), Batch.incarnation(commands, at), Batch.sequence(commands, at));
    }

    /** Applies what may be applied, but not so much at once that heartbeats wait. */
    int run() {
        int slots = 0;
        bytes = 0;
        while (slots < SLOTS_PER_RUN && bytes < BYTES_PER_RUN && core.mayApply(appliedThrough + 1)) {
            final long slot = appliedThrough + 1;
            if (!log.read(slot, this)) {
                throw new IllegalStateException("slot " + slot + " is chosen but its value is not in the log");
            }
            appliedThrough = slot;
            core.applied(slot);
            slots++;
        }
        return slots;
    }

    @Override
    public void value(
            final long slot, final long ballot, final DirectBuffer value, final int offset, final int length) {
        bytes += length;
        if (length == 0) {
            return; // a no-op
        }
        require(Batch.hasHeader(value, offset, length), slot);
        timeMs = Math.max(timeMs, Batch.timeMs(value, offset));
        final int end = offset + length;
        int at = offset + Batch.HEADER_LENGTH;
        while (at < end) {
            require(Batch.isCommand(value, at, end), slot);
            final int commandLength = Batch.length(value, at);
            apply(slot, value, at, commandLength);
            at += Batch.commandLength(commandLength);
        }
    }

    private static void require(final boolean isUnderstood, final long slot) {
        if (!isUnderstood) {
            throw new IllegalStateException("slot " + slot + " holds a value that this version does not understand");
        }
    }

    private void apply(final long slot, final DirectBuffer value, final int at, final int length) {
        final int origin = Batch.origin(value, at);
        final int incarnation = Batch.incarnation(value, at);
        final long sequence = Batch.sequence(value, at);
        if (!origins.isNew(origin, incarnation, sequence)) {
            return;
        }
        view.slot = slot;
        view.buffer = value;
        view.offset = at + Batch.COMMAND_HEADER_LENGTH;
        view.length = length;
        reply.reset();
        stateMachine.apply(view, reply);
        if (origin == self && incarnation == log.incarnation()) {
            submissions.chosen(sequence, slot, reply.buffer(), 0, reply.length());
        }
    }

    private final class View implements Command {
        private long slot;
        private DirectBuffer buffer;
        private int offset;
        private int length;

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
}
