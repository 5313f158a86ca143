package io.paxos.testkit.sim;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * What happened, as text for people and as one number for comparing runs.
 *
 * <p>The number is always kept; text is made only when somebody wants it, since it costs far more than the run.
 */
final class Trace {
    private static final int LINES_MAX = 200;

    private final EventQueue events;
    private final boolean isOn;
    private final Consumer<String> printer;
    private final LongConsumer messages; // null: nobody wants them
    private final EventListener listener;
    private final ArrayDeque<String> tail = new ArrayDeque<>();
    private long hash;

    /** A trace of which only {@link #hash} is wanted. */
    Trace(final EventQueue events) {
        this(events, Setup.of(1), EventListener.NONE);
    }

    /** As the setup wants it. {@code listener} sees what happens, on or off. */
    Trace(final EventQueue events, final Setup setup, final EventListener listener) {
        this.events = events;
        isOn = setup.traced;
        printer = setup.tracePrinter;
        messages = setup.traceWords;
        this.listener = listener;
    }

    /** One thing has happened: {@code what} and {@code detail} are the same in each run of a seed. */
    void happened(final long what, final long detail, final Supplier<String> text) {
        add(what, detail);
        if (isOn) {
            line(text.get());
        }
    }

    /** A thing happened to a packet. */
    void packet(final String fate, final Packet packet) {
        add(fate.charAt(0), packet.hash());
        if (isOn) {
            line(fate + " " + packet);
        }
    }

    /** Sees what happens as it happens, for a diagram. */
    EventListener listener() {
        return listener;
    }

    long hash() {
        return hash;
    }

    /** The last lines; empty if the trace is off. */
    String tail() {
        return String.join(System.lineSeparator(), tail);
    }

    private void add(final long what, final long detail) {
        hash = SimRandom.mix(hash ^ events.nowNs());
        hash = SimRandom.mix(hash ^ what);
        hash = SimRandom.mix(hash ^ detail);
        if (messages != null) {
            messages.accept(events.nowNs());
            messages.accept(what);
            messages.accept(detail);
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
