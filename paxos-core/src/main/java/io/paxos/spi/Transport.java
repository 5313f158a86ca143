package io.paxos.spi;

/**
 * Carries messages between the replicas of one cluster. It may lose, repeat, delay and reorder them, and is never trusted
 * for more; what it delivers is what was sent (it checks a CRC) and comes from the member that it names.
 *
 * <p>One thread, the replica's, calls everything but {@link #wakeup}. Failures are silence: a message to a peer that is
 * gone, slow or unknown is dropped and counted, never queued without bound and never thrown about.
 */
public interface Transport extends AutoCloseable {
    /**
     * The id of the replica that this transport sends as, 1..65535; 0 if the transport does not know. A replica with another
     * id refuses the transport when it is built.
     */
    default int self() {
        return 0;
    }

    /**
     * Whether this transport has an address for this replica, reachable or not; true if the transport cannot tell. The answer
     * never changes. A replica refuses a transport that does not know each of its members.
     */
    default boolean knows(final int replica) {
        return true;
    }

    /** The sender towards one peer: each call queues one message in a bounded buffer; when that is full it is dropped. */
    Messages to(int replica);

    /**
     * Hears: hands over messages that have arrived, on the calling thread.
     *
     * @param limit about how many messages to hand over at most; a transport may exceed it by one network read
     * @return how many were handed over
     */
    int poll(Messages receiver, int limit);

    /** Sends on its way what was queued since the last call. Returns the amount of work done. */
    int flush();

    /**
     * From now on proposals ({@code accept}) to this replica may be held back for up to {@code timeNs}, so that more of them
     * travel together; any other message takes those along that wait. Zero, as at the start: no longer. Only a leave, which
     * a transport need not take.
     */
    default void linger(final int replica, final long timeNs) {}

    /** Parks until something arrives, {@link #wakeup} is called (also if just before), or the time is over. */
    void await(long timeoutNs);

    /** Ends a present or the next {@link #await}. Any thread; does not block. */
    void wakeup();

    /**
     * Whether there is a way to this replica now: false if it is known that there is none, as when its process has ended
     * and with it the connection. Only a hint, which makes the others look for a new leader sooner; true if nobody can tell.
     */
    default boolean isReachable(final int replica) {
        return true;
    }

    /** The replica's thread, before it is started; for a transport whose library asks for threads of its own kind. */
    default Thread newThread(final Runnable work, final String name) {
        return new Thread(work, name);
    }

    /** The longest value, in bytes, that one message carries. */
    int valueLengthMax();

    /** Closes every connection; nothing is delivered or sent afterwards. */
    @Override
    void close();
}
