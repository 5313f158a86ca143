package io.paxos.testkit.trace;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One point of one process's time.
 *
 * @param id its place in the run, from 0
 * @param process in which it happened; {@link #OUTSIDE} for a {@link Kind#NOTE}
 * @param timeNs since the run began
 * @param lamport its logical time: above that of all events that happened before it; 0 outside
 * @param kind what it is
 * @param ballot of the event, {@code round << 16 | replica id}; 0 for none
 * @param slot of the event, or the first of several; 0 for none
 * @param throughSlot the last slot of the event, inclusive; 0 for none
 * @param text for people, without what the other components hold
 * @param fields everything else that is known, by name, in order
 */
public record Event(
        int id,
        int process,
        long timeNs,
        long lamport,
        Kind kind,
        long ballot,
        long slot,
        long throughSlot,
        String text,
        Map<String, String> fields) {
    /** Not a process: the test or the simulator that runs the cluster. */
    public static final int OUTSIDE = 0;

    public Event {
        if (id < 0 || timeNs < 0) {
            throw new IllegalArgumentException("an event has id >= 0 and timeNs >= 0: id=" + id + " timeNs=" + timeNs);
        }
        if ((process == OUTSIDE) != (kind == Kind.NOTE)) {
            throw new IllegalArgumentException(
                    "notes, and only notes, are outside: " + kind + " in process " + process);
        }
        Objects.requireNonNull(text, "text");
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
