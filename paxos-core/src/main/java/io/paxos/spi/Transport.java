package io.paxos.spi;

/**
 * Carries messages between the replicas of one cluster.
 *
 * <p>It may lose, repeat, delay and reorder messages. It does not alter them: it checks a CRC. A message that it
 * delivers comes from the member that the message names.
 *
 * <p>One thread, that of the replica, calls everything but {@link #wakeup}. Failures are silent: a message to a peer
 * that is gone, slow or unknown is dropped and counted. No queue grows without bound, and no failure throws.
 */
public interface Transport extends AutoCloseable {
    /**
     * The id of the replica that this transport sends as, 1..65535; 0 if the transport does not know. A replica with
     * another id refuses the transport when it is built.
     */
    default int self() {
        return 0;
    }

    /**
     * Whether this transport has an address for this replica, reachable or not; true if the transport cannot tell. The
     * answer never changes. A replica refuses a transport that does not know each of its members.
     */
    default boolean knows(final int replica) {
        return true;
    }

    /**
     * The sender to one peer. Each call queues one message in a bounded buffer. A message that does not fit is dropped.
     */
    Messages to(int replica);

    /**
     * Calls the receiver for each message that has arrived, on the calling thread.
     *
     * @param limit about how many messages to deliver at most; a transport may exceed it by one network read
     * @return how many were delivered
     */
    int poll(Messages receiver, int limit);

    /** Sends what was queued since the last call. Returns the amount of work done. */
    int flush();

    /**
     * A hint: delays proposals ({@code accept}) to this replica by up to {@code timeNs}, so that several travel in one
     * frame. Any other message to it sends them at once. 0 (default) delays nothing. A transport may ignore the hint.
     */
    default void linger(final int replica, final long timeNs) {}

    /**
     * How many bytes of proposals, values and snapshots {@link #to} has queued for this replica so far; 0 (default) if
     * the transport cannot tell. Never falls. What is queued leaves in this order.
     */
    default long queued(final int replica) {
        return 0;
    }

    /**
     * How many of the bytes of {@link #queued} are not queued here any more, because they were written to the network
     * or dropped; 0 (default) if the transport cannot tell. Never falls. A leader does not repeat what is still queued.
     */
    default long written(final int replica) {
        return 0;
    }

    /**
     * Parks until something arrives, {@link #wakeup} is called, or the time is over. A wake-up just before counts too.
     */
    void await(long timeoutNs);

    /** Ends the present or the next {@link #await}. Any thread. Does not block. */
    void wakeup();

    /**
     * Whether there is a way to this replica now. False if the transport knows that there is none, for example because
     * the connection ended with the process. True if it cannot tell. A hint: the others look for a new leader sooner.
     */
    default boolean isReachable(final int replica) {
        return true;
    }

    /**
     * Creates the replica's thread, not started. A transport overrides it if its library needs threads of its own kind.
     */
    default Thread newThread(final Runnable work, final String name) {
        return new Thread(work, name);
    }

    /**
     * Gives the transport what members tell each other before the first message; see {@link Handshake}. Called before
     * the first {@link #poll}, and again, with the same object, when the card has changed: each peer then gets the new
     * card, over a new connection if need be, before the next message.
     *
     * @return whether this transport does it. If not (default), the replica cannot check who the others are.
     */
    default boolean handshake(final Handshake handshake) {
        return false;
    }

    /** The id of the cluster that this transport was made for; 0 (default) if it takes that of its replica. */
    default long clusterId() {
        return 0;
    }

    /** The longest value, in bytes, that one message carries. */
    int valueLengthMax();

    /** Closes every connection. Nothing is delivered or sent afterwards. */
    @Override
    void close();
}
