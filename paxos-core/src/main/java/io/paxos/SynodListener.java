package io.paxos;

/**
 * What happens at one {@link SynodReplica}, told in order by its callback executor, see {@link
 * SynodReplica.Builder#callbackExecutor}. What a method throws is logged. An {@link Error} stops the member.
 */
public interface SynodListener {
    /** Ignores everything. */
    SynodListener NONE = new SynodListener() {};

    /**
     * This member has learned the value of a decree. Told once for each decree, in any order; again only if the value
     * was forgotten and learned anew, see {@link SynodReplica.Builder#knownBytes}.
     *
     * @param value the receiver's own
     */
    default void onDecided(final long decree, final byte[] value) {}

    /** This member has stopped for good, its data kept: the disk failed, or a rule was broken. */
    default void onFault(final Throwable cause) {}
}
