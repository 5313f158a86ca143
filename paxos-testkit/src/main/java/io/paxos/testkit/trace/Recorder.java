package io.paxos.testkit.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records a run while it happens, and keeps a logical clock for each process.
 *
 * <p>Any thread may call it. Events are in the order of the calls. A time below that of the event before is raised to
 * it.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/time-clocks.pdf">Time, Clocks, and the Ordering of Events,
 *     IR1-2</a>
 */
public final class Recorder {
    private static final Map<String, String> NO_FIELDS = Map.of();

    private final Map<Integer, Lifeline> lifelines = new LinkedHashMap<>(); // by process
    private final Map<Integer, Long> lamport = new HashMap<>(); // by process, of its last event
    private final List<Event> events = new ArrayList<>(); // at its id
    private final List<Message> messages = new ArrayList<>(); // at its id
    private final List<Cut> cuts = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private String title = "A run";
    private Violation violation; // the first one; null before
    private long nowNs; // time of the last event; never falls

    /** A short name of the run. */
    public synchronized Recorder title(final String value) {
        title = value;
        return this;
    }

    /** Another line about the run. */
    public synchronized Recorder about(final String note) {
        notes.add(note);
        return this;
    }

    /** A process of this id, which is positive; lines are drawn in the order of these calls. */
    public synchronized Recorder process(final int id, final String name) {
        lifelines.put(id, new Lifeline(id, name));
        return this;
    }

    /** Something was done to the cluster from outside, so many nanoseconds since the run began. */
    public synchronized void outside(final long timeNs, final String text) {
        add(Event.OUTSIDE, timeNs, 0, Kind.NOTE, 0, 0, 0, text, NO_FIELDS);
    }

    /** Something happened in a process, without a ballot and a slot. Returns the event's id. */
    public synchronized int happened(final int process, final long timeNs, final Kind kind, final String text) {
        return happened(process, timeNs, kind, 0, 0, 0, text, NO_FIELDS);
    }

    /**
     * Something happened in a process. Returns the event's id.
     *
     * @param ballot of the event; 0 for none
     * @param slot of the event, or the first of several; 0 for none
     * @param throughSlot the last slot of the event, inclusive; 0 for none
     */
    public synchronized int happened(
            final int process,
            final long timeNs,
            final Kind kind,
            final long ballot,
            final long slot,
            final long throughSlot,
            final String text,
            final Map<String, String> fields) {
        return add(process, timeNs, tick(process, 0), kind, ballot, slot, throughSlot, text, fields);
    }

    /** A message leaves {@code from}. Returns the message's id. */
    public synchronized int sent(final int from, final long timeNs, final int to, final MessageText text) {
        final int event = add(from, timeNs, tick(from, 0), Kind.SEND, text, "to " + to);
        return add(new Message(messages.size(), from, to, event, Message.NONE, Message.NONE, "", text));
    }

    /** The network carries a message once more. Returns the id of the copy. */
    public synchronized int repeated(final int message) {
        final Message m = messages.get(message);
        return add(new Message(
                messages.size(), m.from(), m.to(), m.sentEvent(), Message.NONE, Message.NONE, "", m.text()));
    }

    /** A message is received. */
    public synchronized void received(final int message, final long timeNs) {
        final Message m = messages.get(message);
        if (m.receivedEvent() != Message.NONE || m.isLost()) {
            throw new IllegalStateException("this message has ended, and cannot be received: " + m);
        }
        final long sentLamport = events.get(m.sentEvent()).lamport();
        final int event = add(m.to(), timeNs, tick(m.to(), sentLamport), Kind.RECEIVE, m.text(), "from " + m.from());
        messages.set(message, new Message(m.id(), m.from(), m.to(), m.sentEvent(), event, Message.NONE, "", m.text()));
    }

    /** A message will not be received. */
    public synchronized void lost(final int message, final long timeNs, final String why) {
        final Message m = messages.get(message);
        if (m.receivedEvent() != Message.NONE) {
            throw new IllegalStateException("this message was received, and cannot be lost: " + m);
        }
        messages.set(
                message, new Message(m.id(), m.from(), m.to(), m.sentEvent(), Message.NONE, timeNs, why, m.text()));
    }

    /** One direction of a link carries nothing from now on. */
    public synchronized void cut(final int from, final int to, final long timeNs) {
        if (from != to && openCut(from, to) < 0) {
            cuts.add(new Cut(from, to, timeNs, Cut.FOREVER));
        }
    }

    /** One direction of a link carries messages again. */
    public synchronized void mended(final int from, final int to, final long timeNs) {
        final int open = openCut(from, to);
        if (open >= 0) {
            cuts.set(open, new Cut(from, to, cuts.get(open).fromNs(), timeNs));
        }
    }

    /** A rule was broken; the first one counts. */
    public synchronized void violated(final String rule, final String expected, final String actual) {
        if (violation == null) {
            violation = new Violation(rule, expected, actual, lastEvent());
        }
    }

    /** What was recorded so far. */
    public synchronized SpaceTime spaceTime() {
        return new SpaceTime(title, notes, List.copyOf(lifelines.values()), events, messages, cuts, violation);
    }

    /** The last event in a process; a violation is noticed where something happens. */
    private int lastEvent() {
        for (int id = events.size() - 1; id >= 0; id--) {
            if (events.get(id).process() != Event.OUTSIDE) {
                return id;
            }
        }
        return Message.NONE;
    }

    private int openCut(final int from, final int to) {
        for (int i = cuts.size() - 1; i >= 0; i--) {
            final Cut cut = cuts.get(i);
            if (cut.from() == from && cut.to() == to && cut.untilNs() == Cut.FOREVER) {
                return i;
            }
        }
        return -1;
    }

    private long tick(final int process, final long received) {
        if (!lifelines.containsKey(process)) {
            process(process, "member " + process);
        }
        return lamport.merge(process, received + 1, (own, next) -> Math.max(own + 1, next));
    }

    private int add(
            final int process,
            final long timeNs,
            final long lamportTime,
            final Kind kind,
            final MessageText message,
            final String text) {
        return add(
                process,
                timeNs,
                lamportTime,
                kind,
                message.ballot(),
                message.slot(),
                message.throughSlot(),
                message.type() + " " + text,
                NO_FIELDS);
    }

    private int add(
            final int process,
            final long timeNs,
            final long lamportTime,
            final Kind kind,
            final long ballot,
            final long slot,
            final long throughSlot,
            final String text,
            final Map<String, String> fields) {
        nowNs = Math.max(nowNs, timeNs);
        final int id = events.size();
        events.add(new Event(id, process, nowNs, lamportTime, kind, ballot, slot, throughSlot, text, fields));
        return id;
    }

    private int add(final Message message) {
        messages.add(message);
        return message.id();
    }

    /** Fields by name, in order: {@code fields("value", "{c1}", "length", "40")}. */
    public static Map<String, String> fields(final String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a name without a value: " + Arrays.toString(namesAndValues));
        }
        final Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
