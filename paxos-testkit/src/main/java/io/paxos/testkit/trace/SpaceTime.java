package io.paxos.testkit.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A run: what happened in which process, and which messages connect it.
 *
 * <p>Which event happened before which is not stored: it follows from the order of each process and from the messages,
 * see {@link Causality}.
 *
 * @param title a short name
 * @param notes more about it, a line each: how it was set up, how to run it again
 * @param lifelines the processes, from left to right
 * @param events in the order in which they happened; each has its place in this list as its id
 * @param messages each has its place in this list as its id
 * @param cuts of the network
 * @param violation the rule that was broken, or null
 */
public record SpaceTime(
        String title,
        List<String> notes,
        List<Lifeline> lifelines,
        List<Event> events,
        List<Message> messages,
        List<Cut> cuts,
        Violation violation) {
    /** Of each set, the last event before a time gives the state of a process at that time. */
    private static final List<Set<Kind>> STATES = List.of(
            EnumSet.of(Kind.STARTED, Kind.CRASHED, Kind.PAUSED, Kind.RESUMED, Kind.STOPPED), EnumSet.of(Kind.ROLE));

    public SpaceTime {
        notes = List.copyOf(notes);
        lifelines = List.copyOf(lifelines);
        events = List.copyOf(events);
        messages = List.copyOf(messages);
        cuts = List.copyOf(cuts);
        checkEvents(lifelines, events);
        checkMessages(events, messages);
        if (violation != null && violation.event() >= events.size()) {
            throw new IllegalArgumentException(
                    "a violation at event " + violation.event() + " of " + events.size() + ": there is none");
        }
    }

    /**
     * The last {@code eventsMax} events, or a few more, with their messages. This run, if it has no more events.
     *
     * <p>The events before them are left out, except those that give the state of a process. Events and messages get
     * new numbers.
     */
    public SpaceTime last(final int eventsMax) {
        if (events.size() <= eventsMax) {
            return this;
        }
        final boolean[] isKept = new boolean[events.size()];
        final int first = events.size() - eventsMax;
        Arrays.fill(isKept, first, events.size(), true);
        for (final Lifeline line : lifelines) {
            for (final Set<Kind> state : STATES) {
                keepLast(line.process(), state, first, isKept);
            }
        }
        final int[] newIds = new int[events.size()];
        final List<Event> keptEvents = keep(isKept, newIds);
        final List<String> newNotes = new ArrayList<>(notes);
        newNotes.add("the last " + keptEvents.size() + " of " + events.size() + " events");
        final Violation kept = violation == null || violation.event() == Message.NONE
                ? violation
                : new Violation(violation.rule(), violation.expected(), violation.actual(), newIds[violation.event()]);
        return new SpaceTime(title, newNotes, lifelines, keptEvents, keepMessages(newIds), cuts, kept);
    }

    private void keepLast(final int process, final Set<Kind> kinds, final int limit, final boolean[] isKept) {
        for (int id = limit - 1; id >= 0; id--) {
            final Event event = events.get(id);
            if (event.process() == process && kinds.contains(event.kind())) {
                isKept[id] = true;
                return;
            }
        }
    }

    private List<Event> keep(final boolean[] isKept, final int[] newIds) {
        final List<Event> kept = new ArrayList<>();
        for (final Event e : events) {
            newIds[e.id()] = isKept[e.id()] ? kept.size() : Message.NONE;
            if (isKept[e.id()]) {
                kept.add(new Event(
                        kept.size(),
                        e.process(),
                        e.timeNs(),
                        e.lamport(),
                        e.kind(),
                        e.ballot(),
                        e.slot(),
                        e.throughSlot(),
                        e.text(),
                        e.fields()));
            }
        }
        return kept;
    }

    /** The messages whose sending is kept. Their receipts come later, and are kept too. */
    private List<Message> keepMessages(final int[] newIds) {
        final List<Message> kept = new ArrayList<>();
        for (final Message m : messages) {
            if (newIds[m.sentEvent()] != Message.NONE) {
                final int received = m.receivedEvent() == Message.NONE ? Message.NONE : newIds[m.receivedEvent()];
                kept.add(new Message(
                        kept.size(),
                        m.from(),
                        m.to(),
                        newIds[m.sentEvent()],
                        received,
                        m.lostNs(),
                        m.lostWhy(),
                        m.text()));
            }
        }
        return kept;
    }

    private static void checkEvents(final List<Lifeline> lifelines, final List<Event> events) {
        final Set<Integer> processes = new HashSet<>();
        for (final Lifeline line : lifelines) {
            if (!processes.add(line.process())) {
                throw new IllegalArgumentException("two life lines of process " + line.process());
            }
        }
        processes.add(Event.OUTSIDE);
        long nowNs = 0;
        for (int id = 0; id < events.size(); id++) {
            final Event event = events.get(id);
            if (event.id() != id || event.timeNs() < nowNs) {
                throw new IllegalArgumentException("event " + id + " is out of order: " + event);
            }
            if (!processes.contains(event.process())) {
                throw new IllegalArgumentException("event " + id + " is in an unknown process: " + event);
            }
            nowNs = event.timeNs();
        }
    }

    private static void checkMessages(final List<Event> events, final List<Message> messages) {
        for (int id = 0; id < messages.size(); id++) {
            final Message message = messages.get(id);
            final int received = message.receivedEvent();
            final boolean isRight = message.id() == id
                    && isAt(events, message.sentEvent(), Kind.SEND, message.from())
                    && (received == Message.NONE
                            || (received > message.sentEvent() && isAt(events, received, Kind.RECEIVE, message.to())));
            if (!isRight) {
                throw new IllegalArgumentException("message " + id + " does not fit its events: " + message);
            }
        }
    }

    private static boolean isAt(final List<Event> events, final int id, final Kind kind, final int process) {
        return id >= 0
                && id < events.size()
                && events.get(id).kind() == kind
                && events.get(id).process() == process;
    }
}
