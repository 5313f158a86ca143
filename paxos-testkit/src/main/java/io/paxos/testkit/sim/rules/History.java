package io.paxos.testkit.sim.rules;

import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.SimCommands;
import io.paxos.testkit.sim.value.Values;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;

/**
 * All commands and reads of a run, with their submission, execution and outcome, in the order of virtual time.
 *
 * <p>There is one sequence of executed commands. Each life of a replica executes it from its beginning. Every
 * acknowledgement and every read names a place in that sequence. So the history is linearizable if the places follow
 * real time, and no search is needed. A command gets its place after its submission, so only a read can have a place
 * that is too early.
 */
public final class History {
    public static final String SNAPSHOT_NEWER = "a snapshot never replaces a newer state";
    public static final String SNAPSHOT_TRUE = "a snapshot holds a prefix of the sequence of commands";
    public static final String VALIDITY = "every executed command was submitted";
    public static final String SAME_SEQUENCE = "all replicas execute the same sequence";
    public static final String ORDER = "commands that one life of a replica takes are executed in this order";
    public static final String ONCE = "a command is executed once";
    public static final String NOT_CHOSEN_IS_FINAL = "a command with the outcome not chosen is never executed";
    public static final String EXECUTED_IS_CHOSEN = "every executed command is chosen in its slot";
    public static final String APPLIED_DURABLE = "every applied slot is durable in the replica's own log";
    public static final String ACK_TRUE = "an acknowledged command is executed in its slot, with its reply";
    public static final String ONE_OUTCOME = "every submitted command has one outcome";
    public static final String READ_TRUE = "a read returns one state of the sequence";
    public static final String READ_FRESH = "a linearizable read includes all that was answered before it";

    private enum State {
        OPEN,
        CHOSEN,
        NOT_CHOSEN,
        UNKNOWN
    }

    private final GroundTruth truth;
    private final Values values;
    private final FirstViolation violations;
    private final Situations situations;

    // By command number, from 1.
    private State[] states = new State[64];
    private int[] places = new int[64]; // in the sequence, from 1; 0 if not executed
    private long[] chosenIn = new long[64]; // the last slot in which it was chosen; 0 if in none
    private long[] takers = new long[64]; // the life of a replica that took it
    private int submitted; // the last number; numbers are never used twice

    // By place in the sequence, from 1.
    private long[] numbers = new long[64]; // of the commands
    private long[] slots = new long[64]; // never fall
    private long[] timesMs = new long[64]; // never fall
    private long[] chains = new long[64]; // a hash of the sequence through this place
    private int executed; // the length of the sequence; never falls

    private final Long2LongHashMap lastOfTaker = new Long2LongHashMap(0); // the last command executed, by taker
    private final int[] place; // by id: the last place that this life has executed
    private final long[] appliedThrough; // by id: the last slot that this life has reported as applied
    private LongConsumer onTime = timeMs -> {};
    private int answered; // the highest place in an acknowledgement or a linearizable read so far
    private int acknowledged; // how many commands are in the state CHOSEN

    public History(
            final int members,
            final GroundTruth truth,
            final Values values,
            final FirstViolation violations,
            final Situations situations) {
        this.truth = truth;
        this.values = values;
        this.violations = violations;
        this.situations = situations;
        place = new int[members + 1];
        appliedThrough = new long[members + 1];
    }

    /** Is told the cluster time of each command when it is first executed. */
    public void onTime(final LongConsumer observer) {
        onTime = observer;
    }

    /** The cluster time of the last command; 0 before the first. */
    public long timeMs() {
        return timesMs[executed];
    }

    /** How many commands have been executed. */
    public int executed() {
        return executed;
    }

    /** How many commands have been acknowledged. */
    public int acknowledged() {
        return acknowledged;
    }

    /** How many commands this life of a replica has executed. */
    public int executed(final int replica) {
        return place[replica];
    }

    /** The command at a place of the sequence, from 1. */
    public long number(final int atPlace) {
        return numbers[atPlace];
    }

    /** The hash of the sequence through this place. */
    public long chain(final int atPlace) {
        return chains[atPlace];
    }

    public boolean isAcknowledged(final long number) {
        return states[(int) number] == State.CHOSEN;
    }

    /** Whether the command is chosen in some slot. Perhaps no replica knows it yet. */
    public boolean isChosen(final long number) {
        return chosenIn[(int) number] != 0;
    }

    public boolean isOpen(final long number) {
        return states[(int) number] == State.OPEN;
    }

    /** Submits a new command to this life of a replica. Returns its number. */
    public long submit(final int replica, final int life) {
        submitted++;
        if (submitted == states.length) {
            states = Arrays.copyOf(states, 2 * submitted);
            places = Arrays.copyOf(places, 2 * submitted);
            chosenIn = Arrays.copyOf(chosenIn, 2 * submitted);
            takers = Arrays.copyOf(takers, 2 * submitted);
        }
        states[submitted] = State.OPEN;
        takers[submitted] = (long) replica << Integer.SIZE | life;
        return submitted;
    }

    /** The replica has refused the command. */
    public void refused(final long number) {
        states[(int) number] = State.NOT_CHOSEN;
        requireNotExecuted(number);
    }

    /** A value is chosen. Perhaps no replica knows it yet. */
    public void isChosen(final long slot, final int value) {
        final DirectBuffer bytes = values.bytes(value);
        SimCommands.read(bytes, 0, bytes.capacity(), number -> {
            requireSubmitted(number, slot);
            if (states[(int) number] == State.NOT_CHOSEN) {
                throw violations.broken(NOT_CHOSEN_IS_FINAL, "never chosen", "c" + number + " in slot " + slot);
            }
            if (chosenIn[(int) number] != 0) {
                situations.saw(Situation.COMMAND_CHOSEN_TWICE);
            }
            chosenIn[(int) number] = slot;
        });
    }

    /** A replica begins a new life. It has executed nothing. */
    public void restarted(final int replica) {
        place[replica] = 0;
        appliedThrough[replica] = 0;
    }

    /** A replica goes on with the state of a snapshot, in which so many commands are executed. */
    public void restored(final int replica, final int executedCommands, final long chain) {
        if (executedCommands < place[replica]) {
            throw violations.broken(SNAPSHOT_NEWER, "a place of at least " + place[replica], executedCommands + "");
        }
        if (executedCommands < 0 || executedCommands > executed || chains[executedCommands] != chain) {
            throw violations.broken(SNAPSHOT_TRUE, "a place of 0.." + executed, "place " + executedCommands);
        }
        place[replica] = executedCommands;
        situations.saw(appliedThrough[replica] > 0 ? Situation.SNAPSHOT_INSTALLED : Situation.STARTED_FROM_SNAPSHOT);
    }

    /**
     * A replica executes a command. Returns its place in the sequence. {@code number} is 0 if the bytes are no command
     * of the simulator.
     */
    public int executes(final int replica, final long number, final long slot, final long timeMs) {
        requireSubmitted(number, slot);
        final int at = ++place[replica];
        if (at > executed) {
            executesFirst(number, slot, timeMs);
        } else if (numbers[at] != number || slots[at] != slot || timesMs[at] != timeMs) {
            throw violations.broken(
                    SAME_SEQUENCE,
                    "place " + at + ": c" + numbers[at] + " in slot " + slots[at] + " at " + timesMs[at] + " ms",
                    "c" + number + " in slot " + slot + " at " + timeMs + " ms, at replica " + replica);
        }
        return at;
    }

    /** A replica has applied every slot through this one. */
    public void applied(final int replica, final long throughSlot) {
        truth.requireChosenThrough(throughSlot);
        for (long slot = appliedThrough[replica] + 1; slot <= throughSlot; slot++) {
            if (!truth.holdsChosen(replica, slot)) {
                throw violations.broken(APPLIED_DURABLE, "slot " + slot + " on disk " + replica, "not there");
            }
        }
        appliedThrough[replica] = throughSlot;
    }

    /** Outcome: chosen. */
    public void chosen(
            final long number, final long slot, final DirectBuffer reply, final int offset, final int length) {
        outcome(number, State.CHOSEN);
        situations.saw(Situation.COMMAND_CHOSEN);
        acknowledged++;
        final int at = places[(int) number];
        final boolean holds = at > 0
                && slots[at] == slot
                && length == HistoryMachine.REPLY_LENGTH
                && reply.getLong(offset) == at
                && reply.getLong(offset + Long.BYTES) == chains[at];
        if (!holds) {
            throw violations.broken(ACK_TRUE, "place " + at, "c" + number + " in slot " + slot);
        }
        answered = Math.max(answered, at);
    }

    /** Outcome: not chosen, now or later. */
    public void notChosen(final long number) {
        outcome(number, State.NOT_CHOSEN);
        situations.saw(Situation.OUTCOME_NOT_CHOSEN);
        requireNotExecuted(number);
    }

    /** Outcome: unknown. */
    public void unknown(final long number) {
        outcome(number, State.UNKNOWN);
        situations.saw(Situation.OUTCOME_UNKNOWN);
    }

    /** A linearizable read begins. Returns the floor for {@link #read}. */
    public int readBegins() {
        return answered;
    }

    /**
     * A read has returned a place and its chain. {@code floor} is the result of {@link #readBegins}, or 0 for a local
     * read.
     */
    public void read(final int floor, final boolean isLinearizable, final int at, final long chain) {
        if (at < 0 || at > executed || chains[at] != chain) {
            throw violations.broken(READ_TRUE, "a place of 0.." + executed, "place " + at);
        }
        if (!isLinearizable) {
            situations.saw(Situation.LOCAL_READ);
            return;
        }
        situations.saw(Situation.LINEARIZABLE_READ);
        if (at < floor) {
            throw violations.broken(READ_FRESH, "at least place " + floor, "place " + at);
        }
        answered = Math.max(answered, at);
    }

    private void executesFirst(final long number, final long slot, final long timeMs) {
        if (places[(int) number] != 0) {
            throw violations.broken(ONCE, "place " + places[(int) number], "c" + number + " in slot " + slot);
        }
        requireChosen(number, slot);
        final long before = lastOfTaker.put(takers[(int) number], number);
        if (number < before) {
            throw violations.broken(ORDER, "after c" + before + " no earlier one", "c" + number + " in slot " + slot);
        }
        if (executed > 0 && (slot < slots[executed] || timeMs < timesMs[executed])) {
            throw violations.broken(SAME_SEQUENCE, "slot and time do not fall", "c" + number + " in slot " + slot);
        }
        onTime.accept(timeMs);
        executed++;
        if (executed == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * executed);
            slots = Arrays.copyOf(slots, 2 * executed);
            timesMs = Arrays.copyOf(timesMs, 2 * executed);
            chains = Arrays.copyOf(chains, 2 * executed);
        }
        numbers[executed] = number;
        slots[executed] = slot;
        timesMs[executed] = timeMs;
        chains[executed] = HistoryMachine.chain(chains[executed - 1], number, slot);
        places[(int) number] = executed;
    }

    private void requireChosen(final long number, final long slot) {
        final int chosen = truth.chosen(slot);
        final boolean[] isThere = {false};
        if (chosen != GroundTruth.NONE) {
            final DirectBuffer value = values.bytes(chosen);
            SimCommands.read(value, 0, value.capacity(), command -> isThere[0] |= command == number);
        }
        if (!isThere[0]) {
            final String expected = chosen == GroundTruth.NONE ? "nothing yet" : values.text(chosen);
            throw violations.broken(EXECUTED_IS_CHOSEN, expected, "c" + number + " in slot " + slot);
        }
    }

    private void requireSubmitted(final long number, final long slot) {
        if (number < 1 || number > submitted) {
            throw violations.broken(VALIDITY, "1.." + submitted, "command " + number + " in slot " + slot);
        }
    }

    private void requireNotExecuted(final long number) {
        if (chosenIn[(int) number] != 0) {
            throw violations.broken(NOT_CHOSEN_IS_FINAL, "never", "c" + number + " in slot " + chosenIn[(int) number]);
        }
    }

    private void outcome(final long number, final State state) {
        if (number < 1 || number > submitted || states[(int) number] != State.OPEN) {
            final Object before = number < 1 || number > submitted ? "none" : states[(int) number];
            throw violations.broken(ONE_OUTCOME, Objects.toString(before), "c" + number + " " + state);
        }
        states[(int) number] = state;
    }
}
