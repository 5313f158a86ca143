package io.paxos.testkit.trace;

import java.util.Objects;

/**
 * One copy of one message on its way.
 *
 * @param id its place in the run, from 0
 * @param from the process that sent it
 * @param to the process that it was for
 * @param sentEvent the id of its {@link Kind#SEND}; copies of one message share it
 * @param receivedEvent the id of its {@link Kind#RECEIVE}, or {@link #NONE}
 * @param lostNs when it was lost, since the run began; {@link #NONE} if it was not, or if that is not known
 * @param lostWhy why, for people; empty if it was not
 * @param text what a diagram shows of it
 */
public record Message(
        int id, int from, int to, int sentEvent, int receivedEvent, long lostNs, String lostWhy, MessageText text) {
    /** No event, no time. */
    public static final int NONE = -1;

    public Message {
        if (receivedEvent != NONE && lostNs != NONE) {
            throw new IllegalArgumentException("message " + id + " was received in event " + receivedEvent
                    + " and cannot be lost at " + lostNs + " ns");
        }
        Objects.requireNonNull(lostWhy, "lostWhy");
        Objects.requireNonNull(text, "text");
    }

    /** Whether it surely does not arrive. */
    public boolean isLost() {
        return lostNs != NONE;
    }
}
