package io.paxos.testkit.sim.schedule;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * The events of a run, as text, and as one hash for comparing runs.
 *
 * <p>The hash is always kept. Text is made only on request, because it takes far longer than the run.
 */
public final class Trace {
    private static final int LINES_MAX = 200;

    private final EventQueue events;
    private final boolean isOn;
    private final Consumer<String> printer;
    private final LongConsumer numbers; // null if it is not wanted
    private final ArrayDeque<String> tail = new ArrayDeque<>(); // at most LINES_MAX lines
    private long hash; // of all events so far

    /** A trace that keeps only the {@link #hash}. */
    public Trace(final EventQueue events) {
        this(events, false, null, null);
    }

    /**
     * A trace with text, numbers or both.
     *
     * @param isOn whether the last lines are kept as text
     * @param printer gets each line of text; null if it is not wanted
     * @param numbers gets three numbers for each event, its time, its kind and its content; null if it is not wanted
     */
    public Trace(
            final EventQueue events, final boolean isOn, final Consumer<String> printer, final LongConsumer numbers) {
        this.events = events;
        this.isOn = isOn;
        this.printer = printer;
        this.numbers = numbers;
    }

    /** Adds an event. {@code what} and {@code detail} are the same in each run of a seed. */
    public void happened(final long what, final long detail, final Supplier<String> text) {
        add(what, detail);
        if (isOn) {
            line(text.get());
        }
    }

    /** Adds an event of {@code subject} with the content {@code hash}. Makes text only if the trace keeps it. */
    public void happenedTo(final Object subject, final String fate, final long hash) {
        add(fate.charAt(0), hash);
        if (isOn) {
            line(fate + " " + subject);
        }
    }

    public long hash() {
        return hash;
    }

    /** The last lines; empty if the trace is off. */
    public String tail() {
        return String.join(System.lineSeparator(), tail);
    }

    private void add(final long what, final long detail) {
        hash = SimRandom.mix(hash ^ events.nowNs());
        hash = SimRandom.mix(hash ^ what);
        hash = SimRandom.mix(hash ^ detail);
        if (numbers != null) {
            numbers.accept(events.nowNs());
            numbers.accept(what);
            numbers.accept(detail);
        }
    }

    private void line(final String text) {
        final long micros = events.nowNs() / 1000;
        final String line = String.format("%6d.%03d ms  %s", micros / 1000, micros % 1000, text);
        if (tail.size() == LINES_MAX) {
            tail.removeFirst();
        }
        tail.addLast(line);
        if (printer != null) {
            printer.accept(line);
        }
    }
}
