package io.paxos.spi;

/**
 * Where a replica speaks: two lanes to each member.
 *
 * <p>What leaves by {@link #now} claims nothing about the disk. What leaves by {@link #afterSync} claims that something is
 * durable, and is held back until the log's durable position has passed the position at which it was said. A replica also
 * speaks to itself: {@code now(self)} is a plain call, {@code afterSync(self)} arrives after the sync like any other
 * answer, so that a leader's own vote counts no sooner than it is on disk.
 *
 * <p>A message that finds its lane full is dropped, as if the network had lost it.
 */
public interface Outbox {
    /** Questions, refusals and news: may leave at once. */
    Messages now(int to);

    /** Claims: leave only after everything appended to the log so far is durable. */
    Claims afterSync(int to);
}
