package io.paxos.testkit.trace;

import java.util.Objects;

/**
 * A process: one vertical line.
 *
 * @param process its id, positive
 * @param name for people
 */
public record Lifeline(int process, String name) {
    public Lifeline {
        if (process <= Event.OUTSIDE) {
            throw new IllegalArgumentException("a process has a positive id, not " + process);
        }
        Objects.requireNonNull(name, "name");
    }
}
