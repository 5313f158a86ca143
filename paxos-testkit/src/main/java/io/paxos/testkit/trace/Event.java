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
 * @param ballot that it speaks of, {@code round << 16 | replica id}; 0 for none
 * @param slot that it speaks of, or the first one; 0 for none
 * @param throughSlot the last slot that it speaks of, inclusive; 0 for none
 * @param text for people, without what the other components tell
 * @param fields whatever else is known, by name, in order
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
    /** Not a process: whoever ran the cluster. */
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
