package io.paxos.execution;

import io.paxos.statemachine.StateMachine;
import io.paxos.value.CommandView;
import io.paxos.value.ValueCodec;
import io.paxos.value.ValueKind;
import org.agrona.DirectBuffer;

/**
 * Executes chosen values, one slot after the other: each command once, at cluster time, on the state machine.
 *
 * <p>Deterministic. What it remembers is in {@link ExecutionState} and in the state machine, nothing elsewhere. One
 * thread; allocates nothing.
 */
public final class Executor {
    private final int self;
    private final int incarnation;
    private final int featureLevel;
    private final StateMachine stateMachine;
    private final Outcomes outcomes;
    private final boolean comparesReplies;
    private final TurnBudget budget;
    private final ExecutionState state = new ExecutionState();
    private final ReplyBuffer reply = new ReplyBuffer();
    private final CommandView view = new CommandView();

    /**
     * An executor before slot 1.
     *
     * @param self the replica whose own commands have their outcome told
     * @param incarnation of that replica now: commands of earlier ones have no caller any more
     * @param featureLevel up to which kinds of values are understood, see {@link ValueKind}
     * @param comparesReplies whether a checksum of the replies is kept
     * @param budget ends a turn between two commands of a value
     */
    public Executor(
            final int self,
            final int incarnation,
            final int featureLevel,
            final StateMachine stateMachine,
            final Outcomes outcomes,
            final boolean comparesReplies,
            final TurnBudget budget) {
        this.self = self;
        this.incarnation = incarnation;
        this.featureLevel = featureLevel;
        this.stateMachine = stateMachine;
        this.outcomes = outcomes;
        this.comparesReplies = comparesReplies;
        this.budget = budget;
    }

    public ExecutionState state() {
        return state;
    }

    /** The running checksum of all replies; {@link PrefixComparison#NOT_COMPARED} if none is kept. */
    long repliesChecksum() {
        return comparesReplies ? state.replies.value() : PrefixComparison.NOT_COMPARED;
    }

    /**
     * Executes the value chosen in the slot after the last one: {@code length} bytes at {@code offset}. If the budget
     * of the turn is spent before its last command, the next call goes on where this one ended.
     *
     * @return whether all of it has been executed
     * @throws IllegalStateException if the value is not understood; nothing of a value of another kind has been
     *     executed. Or the state machine has thrown: the message names slot and command. The replica must stop
     */
    public boolean execute(final long slot, final DirectBuffer value, final int offset, final int length) {
        assert slot == state.appliedThrough() + 1 : "slot=" + slot + " appliedThrough=" + state.appliedThrough();
        if (requireUnderstood(slot, ValueCodec.kind(value, offset, length), length) == ValueKind.COMMANDS) {
            if (state.partBytes() == 0) {
                state.advanceTime(ValueCodec.timeMs(value, offset));
                state.replies.begin(slot);
            }
            if (!executeCommands(slot, value, offset, length)) {
                return false;
            }
            state.replies.end();
        }
        state.values.begin(slot);
        state.values.add(value, offset, length);
        state.values.end();
        state.applied(slot);
        return true;
    }

    private boolean executeCommands(final long slot, final DirectBuffer value, final int offset, final int length) {
        final int end = offset + length;
        int at = offset + Math.max(ValueCodec.HEADER_LENGTH, state.partBytes());
        do {
            if (!ValueCodec.isCommand(value, at, end)) {
                throw new IllegalStateException("slot " + slot + " holds a value of " + length
                        + " bytes in which no whole command begins at byte " + (at - offset)
                        + ": this replica cannot go on");
            }
            execute(slot, value, at);
            at += ValueCodec.commandLength(ValueCodec.length(value, at));
            if (budget.isSpentAfterCommand() && at < end) {
                state.part(at - offset);
                return false;
            }
        } while (at < end);
        return true;
    }

    private void execute(final long slot, final DirectBuffer value, final int at) {
        final int origin = ValueCodec.origin(value, at);
        final int itsIncarnation = ValueCodec.incarnation(value, at);
        final long sequence = ValueCodec.sequence(value, at);
        final int order = ValueCodec.order(value, at);
        final boolean isOwn = origin == self && itsIncarnation == incarnation;
        if (state.executed.isEarly(origin, itsIncarnation, sequence, order)) {
            if (isOwn) {
                outcomes.early(sequence);
            }
            return;
        }
        if (!state.executed.isNew(origin, itsIncarnation, sequence, order)) {
            return;
        }
        reply.reset();
        apply(view.wrap(slot, state.timeMs(), value, at));
        if (comparesReplies) {
            state.replies.add((long) origin << Integer.SIZE | itsIncarnation);
            state.replies.add(sequence);
            state.replies.add(reply.length());
            state.replies.add(reply.buffer(), 0, reply.length());
        }
        if (isOwn) {
            outcomes.executed(sequence, slot, reply.buffer(), 0, reply.length());
        }
        reply.reset();
    }

    /** What the state machine throws stops each replica that executes the command, so it names the command. */
    private void apply(final CommandView command) {
        try {
            stateMachine.apply(command, reply);
        } catch (final StackOverflowError e) {
            throw failed(command, e);
        } catch (final VirtualMachineError e) {
            throw e; // not of this command
        } catch (final Throwable e) {
            throw failed(command, e);
        }
    }

    private static IllegalStateException failed(final CommandView command, final Throwable cause) {
        return new IllegalStateException(
                "apply has thrown in slot " + command.slot() + ", at command " + command.name() + " of "
                        + command.bytesText() + ": " + cause + ". Each replica that executes this command stops so, and"
                        + " again after a restart. Change apply so that it refuses the command with a reply, and start"
                        + " all replicas with that program; their data is kept",
                cause);
    }

    private ValueKind requireUnderstood(final long slot, final int code, final int length) {
        final ValueKind kind = ValueKind.of(code);
        if (kind == null || !kind.isUnderstoodAt(featureLevel)) {
            throw new IllegalStateException("slot " + slot + " holds a value of kind "
                    + (kind == null ? code : kind + " (" + code + ")") + " and " + length
                    + " bytes, which feature level " + featureLevel
                    + " does not understand: start this replica with a newer build, its data is kept");
        }
        return kind;
    }
}
