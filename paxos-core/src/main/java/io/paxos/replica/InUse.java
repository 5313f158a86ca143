package io.paxos.replica;

import io.paxos.protocol.Configuration;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Transport;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Checks whose log and transport a replica is given, and that no other replica of this process uses them.
 *
 * <p>An object is known by its identity and held weakly: a replica that is dropped without {@code close} keeps nothing
 * alive. Any thread; no locks.
 */
final class InUse {
    private static final ConcurrentHashMap<Identity, Integer> USERS =
            new ConcurrentHashMap<>(); // replica id of the user
    private static final ReferenceQueue<Object> DROPPED = new ReferenceQueue<>();

    private InUse() {}

    /** An object as such, whatever its {@code equals} says. */
    private static final class Identity extends WeakReference<Object> {
        private final int hash;

        Identity(final Object object) {
            super(object, DROPPED);
            hash = System.identityHashCode(object);
        }

        @Override
        public boolean equals(final Object other) {
            return this == other || (other instanceof Identity that && get() != null && get() == that.get());
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /**
     * The member of this configuration uses this log and this transport from now on, until {@link #release}.
     *
     * @throws IllegalArgumentException if one of them belongs to another replica, is in use, or does not know all
     *     members
     */
    static void claim(final Configuration configuration, final AcceptorLog log, final Transport transport) {
        final int self = configuration.self();
        require(
                log.replica() == 0 || log.replica() == self,
                "this is replica " + self + ", but its log belongs to replica " + log.replica());
        require(
                transport.self() == 0 || transport.self() == self,
                "this is replica " + self + ", but its transport sends as replica " + transport.self());
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int id = configuration.id(Configuration.first(rest));
            require(
                    transport.knows(id),
                    "the transport of replica " + self + " has no address for member " + id + " of "
                            + configuration.members());
        }
        claim(log, "log", self);
        try {
            claim(transport, "transport", self);
        } catch (final IllegalArgumentException e) {
            release(log);
            throw e;
        }
    }

    /** Their replica is closed. */
    static void release(final AcceptorLog log, final Transport transport) {
        release(log);
        release(transport);
    }

    private static void claim(final Object object, final String what, final int self) {
        Reference<?> dropped;
        while ((dropped = DROPPED.poll()) != null) {
            USERS.remove(dropped);
        }
        final Integer user = USERS.putIfAbsent(new Identity(object), self);
        require(
                user == null,
                "the " + what + " given to replica " + self + " is in use by replica " + user
                        + ": open another one, or close that replica first");
    }

    private static void release(final Object object) {
        USERS.remove(new Identity(object));
    }

    private static void require(final boolean holds, final String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
