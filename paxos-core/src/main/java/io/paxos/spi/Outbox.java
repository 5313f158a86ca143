package io.paxos.spi;

/**
 * The way out for the messages of a replica: two lanes to each member.
 *
 * <p>A message in {@link #now} claims nothing about the disk. A message in {@link #afterSync} claims that something is
 * durable. It waits until the log's durable position has passed the position at which it was sent. A replica also sends
 * to itself: {@code now(self)} is a plain call, and {@code afterSync(self)} arrives after the sync like any other
 * answer. So a leader's own vote does not count before it is on disk.
 *
 * <p>A message that finds its lane full is dropped, as if the network had lost it.
 */
public interface Outbox {
    /**
     * Questions, refusals and announcements: leave at once. A message to the own id is received before the call
     * returns.
     */
    Messages now(int to);

    /**
     * How many bytes with values were queued for this member so far; 0 if the transport cannot tell. Never falls. What
     * is queued leaves in this order.
     */
    default long queued(final int to) {
        return 0;
    }

    /** How many of the bytes of {@link #queued} are not queued here any more: they have left, or were dropped. */
    default long written(final int to) {
        return 0;
    }

    /** Claims: leave when everything appended to the log so far is durable. */
    Claims afterSync(int to);
}
