package io.paxos.testkit.trace;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which event of a run happened before which: the order of each process, and sending before receiving.
 *
 * <p>A process that crashes and starts again is the same process: its disk carries its past over.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/time-clocks.pdf">Time, Clocks, and the Ordering of Events, "The
 *     Partial Ordering"</a>
 */
public final class Causality {
    private final int events;
    private final List<List<Integer>> causes; // by event id, direct ones
    private final List<List<Integer>> effects; // by event id, direct ones

    public Causality(final SpaceTime run) {
        events = run.events().size();
        causes = lists(events);
        effects = lists(events);
        final Map<Integer, Integer> latest = new HashMap<>(); // by process
        for (final Event event : run.events()) {
            if (event.process() != Event.OUTSIDE) {
                final Integer before = latest.put(event.process(), event.id());
                if (before != null) {
                    add(before, event.id());
                }
            }
        }
        for (final Message message : run.messages()) {
            if (message.receivedEvent() != Message.NONE) {
                add(message.sentEvent(), message.receivedEvent());
            }
        }
    }

    /** Whether one event may have caused the other: no event happened before itself. */
    public boolean happenedBefore(final int one, final int other) {
        return one != other && past(other).get(one);
    }

    /** All that happened before an event, by id; and the event. */
    public BitSet past(final int event) {
        return reached(event, causes);
    }

    /** All that an event happened before, by id; and the event. */
    public BitSet future(final int event) {
        return reached(event, effects);
    }

    /** The light cone: the past and the future of an event, by id. What is not in it is concurrent with the event. */
    public BitSet cone(final int event) {
        final BitSet cone = past(event);
        cone.or(future(event));
        return cone;
    }

    private BitSet reached(final int from, final List<List<Integer>> edges) {
        if (from < 0 || from >= events) {
            throw new IllegalArgumentException("events are 0.." + (events - 1) + ", not " + from);
        }
        final BitSet seen = new BitSet(events);
        final List<Integer> open = new ArrayList<>();
        seen.set(from);
        open.add(from);
        while (!open.isEmpty()) {
            for (final int next : edges.get(open.remove(open.size() - 1))) {
                if (!seen.get(next)) {
                    seen.set(next);
                    open.add(next);
                }
            }
        }
        return seen;
    }

    private void add(final int cause, final int effect) {
        effects.get(cause).add(effect);
        causes.get(effect).add(cause);
    }

    private static List<List<Integer>> lists(final int count) {
        final List<List<Integer>> lists = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            lists.add(new ArrayList<>(2));
        }
        return lists;
    }
}
