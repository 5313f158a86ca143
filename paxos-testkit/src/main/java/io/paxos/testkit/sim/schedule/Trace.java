package io.paxos.testkit.sim.schedule;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * What happened, as text for people and as one number for comparing runs.
 *
 * <p>The number is always kept; text is made only when somebody wants it, since it costs far more than the run.
 */
public final class Trace {
    private static final int LINES_MAX = 200;

    private final EventQueue events;
    private final boolean isOn;
    private final Consumer<String> printer;
    private final LongConsumer words; // null: nobody wants them
    private final ArrayDeque<String> tail = new ArrayDeque<>();
    private long hash;

    /** A trace of which only {@link #hash} is wanted. */
    public Trace(final EventQueue events) {
        this(events, false, null, null);
    }

    /**
     * A trace as it is wanted.
     *
     * @param isOn whether the last lines are kept as text
     * @param printer gets each line of text; null: nobody wants them
     * @param words gets three numbers for each event: its time, its kind and its content; null: nobody wants them
     */
    public Trace(
            final EventQueue events, final boolean isOn, final Consumer<String> printer, final LongConsumer words) {
        this.events = events;
        this.isOn = isOn;
        this.printer = printer;
        this.words = words;
    }

    /** One thing has happened: {@code what} and {@code detail} are the same in each run of a seed. */
    public void happened(final long what, final long detail, final Supplier<String> text) {
        add(what, detail);
        if (isOn) {
            line(text.get());
        }
    }

    /** One thing has happened to {@code subject}, whose content is {@code hash}. Makes no text unless it is wanted. */
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
        if (words != null) {
            words.accept(events.nowNs());
            words.accept(what);
            words.accept(detail);
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
