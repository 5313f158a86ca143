package io.paxos.testkit.trace;

/**
 * A time in which one direction of a link carries nothing.
 *
 * @param from the sender
 * @param to the receiver
 * @param fromNs when it begins, since the run began
 * @param untilNs when it ends; {@link #FOREVER} if it does not
 */
public record Cut(int from, int to, long fromNs, long untilNs) {
    /** Not within the run. */
    public static final long FOREVER = Long.MAX_VALUE;

    public Cut {
        if (untilNs < fromNs) {
            throw new IllegalArgumentException("a cut ends after it begins: from " + fromNs + " until " + untilNs);
        }
    }
}
