package io.paxos.protocol;

import org.agrona.DirectBuffer;

/** What {@link MultiPaxos} needs of its host. Called from within its methods. */
public interface ProtocolHost {
    /** Commands from another replica, to be proposed here or passed on to the leader. */
    void forwarded(int from, DirectBuffer commands, int offset, int length);

    /** Reads of this replica through this round may be served once {@code slot} is applied. */
    void readable(long round, long slot);

    /** The role, or the ballot followed, has changed. */
    void roleChanged();

    /** A voter has asked for a sign of life, and its pong is on the way. What else it is to be told can follow. */
    default void pinged(final int from) {}

    /** A voter tells its checksums: see {@link io.paxos.spi.Messages#applied}. */
    default void applied(final int from, final long slot, final long values, final long replies) {}

    /** A voter tells what its wall clock showed, ms since 1970. */
    default void wallClock(final int from, final long timeMs) {}

    /** The leader that is followed here proposes no new command: see {@link io.paxos.spi.Messages#full}. */
    default void leaderFull() {}

    /** A voter asks for a snapshot: see {@link io.paxos.spi.Messages#askSnapshot}. */
    default void askSnapshot(final int from, final long throughSlot) {}

    /** A voter has a snapshot: see {@link io.paxos.spi.Messages#snapshot}. */
    default void snapshot(final int from, final long slot, final long id, final long length) {}

    /** A voter asks for bytes of a snapshot: see {@link io.paxos.spi.Messages#fetchSnapshot}. */
    default void fetchSnapshot(final int from, final long slot, final long id, final long position) {}

    /** A voter sends bytes of a snapshot: see {@link io.paxos.spi.Messages#snapshotBytes}. */
    default void snapshotBytes(
            final int from,
            final long slot,
            final long id,
            final long position,
            final DirectBuffer bytes,
            final int offset,
            final int length) {}
}
