package io.paxos;

import io.paxos.protocol.Configuration;
import io.paxos.replica.SynodEngine;
import io.paxos.replica.SynodSettings;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.AgronaFlags;
import io.paxos.spi.Clock;
import io.paxos.spi.Transport;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One agreed value for each decree, and no more: single-decree Paxos for as many independent decrees as one likes.
 *
 * <pre>{@code
 * try (SynodReplica synod = SynodReplica.builder(1)
 *         .members(Members.of(1, 2, 3))
 *         .log(log).transport(transport)
 *         .start()) {
 *     byte[] chosen = synod.propose(42, mine).get(); // the same on every member, whoever proposed it
 * }
 * }</pre>
 *
 * <p>It needs a log and a transport of its own. There is no leader: a decree takes two round trips and two syncs.
 * Members learn a decided value from the member whose proposal decided it; the message may be lost. To learn the value
 * of a decree for certain, propose something for it. After a restart a member knows no decided values until it learns
 * them anew.
 *
 * <p>All methods but {@link #doWork} may be called from any thread.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 2</a>
 */
public final class SynodReplica implements AutoCloseable {
    private final SynodEngine engine;

    private SynodReplica(final SynodEngine engine) {
        this.engine = engine;
    }

    /** Begins to describe a member with this id, 1..65535. */
    public static Builder builder(final int id) {
        return new Builder(id);
    }

    /**
     * Proposes a value for a decree. If this member already knows what was decided, that is the answer, and no other
     * member is asked.
     *
     * @param decree which question, >= 1
     * @param value the proposed answer; not copied, so do not change it afterwards
     * @return completed with the chosen value, this one or another, the receiver's own; at once if it is known here,
     *     else on this member's thread. Completed with {@link UndecidedException} if the value does not become known by
     *     {@link Builder#timeoutNs}, or if too many proposals wait
     */
    public CompletableFuture<byte[]> propose(final long decree, final byte[] value) {
        return engine.propose(decree, value);
    }

    /**
     * The value of a decree, if this member knows that it was decided. Asks nobody; empty does not mean undecided.
     *
     * @param decree which question, >= 1
     */
    public Optional<byte[]> known(final long decree) {
        return Optional.ofNullable(engine.known(decree));
    }

    /** The state of this member. Cheap; for health checks and people. */
    public SynodStatus status() {
        return engine.status();
    }

    /** One turn of a member that is driven by its host. */
    public int doWork() {
        return engine.doWork();
    }

    /** When {@link #doWork} must be called again, on the builder's clock, if nothing comes in before. */
    public long nextWorkNs() {
        return engine.nextWorkNs();
    }

    /** Stops; whatever is open fails; closes the transport and the log. Idempotent. */
    @Override
    public void close() {
        engine.close();
    }

    /** Its {@link #status}. */
    @Override
    public String toString() {
        return status().toString();
    }

    /** Describes a member. Everything without a default must be given. */
    public static final class Builder {
        private final int id;
        private Members members;
        private Quorums quorums;
        private long clusterId;
        private boolean isBootstrap;
        private AcceptorLog log;
        private Transport transport;
        private Clock clock = Clock.SYSTEM;
        private SynodListener listener = SynodListener.NONE;
        private Executor callbackExecutor;
        private long retryIntervalNs = TimeUnit.MILLISECONDS.toNanos(50);
        private int pendingDecrees = 1024;
        private int pendingBytes = 16 * 1024 * 1024;
        private int knownBytes = 16 * 1024 * 1024;
        private long timeoutNs = TimeUnit.SECONDS.toNanos(5);

        private Builder(final int id) {
            this.id = Members.requireId(id);
        }

        /** Who votes; must contain the own id, and be the same on every member. */
        public Builder members(final Members value) {
            members = value;
            return this;
        }

        /** Sizes of the quorums; majorities unless given. Must be the same on every member. */
        public Builder quorums(final Quorums value) {
            quorums = value;
            return this;
        }

        /**
         * The id of the cluster, any number but 0, the same on every member: replicas of different clusters refuse each
         * other. Unless given, the id is that of the log. A new log gets it at the first start: a random one, the same
         * on every member.
         */
        public Builder clusterId(final long value) {
            clusterId = value;
            return this;
        }

        /**
         * Says that this is the first start of a new cluster, so that this member need not wait. Needs {@link
         * #clusterId}. Without it a member with an empty log takes part once every other member has answered, and none
         * of them has data and does not know this log. Never say it for a log that was lost. It has no effect on a log
         * that was used before.
         */
        public Builder bootstrap() {
            isBootstrap = true;
            return this;
        }

        /** The acceptor's durable memory; closed with the member. */
        public Builder log(final AcceptorLog value) {
            log = value;
            return this;
        }

        /** How to reach the others; closed with the member. */
        public Builder transport(final Transport value) {
            transport = value;
            return this;
        }

        /** The machine's clock unless given. */
        public Builder clock(final Clock value) {
            clock = value;
            return this;
        }

        /** Is told of decided decrees and of the fault that stops this member. */
        public Builder listener(final SynodListener value) {
            listener = value;
            return this;
        }

        /** Runs the callbacks, as {@link Replica.Builder#callbackExecutor} does. */
        public Builder callbackExecutor(final Executor value) {
            callbackExecutor = value;
            return this;
        }

        /** How long to wait for an answer before a message is sent again: 50 ms. */
        public Builder retryIntervalNs(final long value) {
            retryIntervalNs = value;
            return this;
        }

        /** By when each proposal is answered: 5 s. */
        public Builder timeoutNs(final long value) {
            timeoutNs = value;
            return this;
        }

        /** How many proposals may wait here for their decree: 1,024. */
        public Builder pendingDecrees(final int value) {
            pendingDecrees = value;
            return this;
        }

        /** Room for answers that wait for the disk: 16 MiB, a power of two. A value takes at most an eighth. */
        public Builder pendingBytes(final int value) {
            pendingBytes = value;
            return this;
        }

        /**
         * Room for decided values that this member knows: 16 MiB. Each takes its length and 128 bytes. When they are
         * full the values learned first are forgotten; a proposal for such a decree asks the other members again.
         */
        public Builder knownBytes(final int value) {
            knownBytes = value;
            return this;
        }

        /** Builds the member and starts it on a thread of its own. */
        public SynodReplica start() {
            return build(true);
        }

        /** Builds a member without a thread, to be driven by {@link SynodReplica#doWork}. */
        public SynodReplica host() {
            return build(false);
        }

        private SynodReplica build(final boolean ownThread) {
            AgronaFlags.require();
            requireGiven(members, "members");
            requireGiven(log, "log");
            requireGiven(transport, "transport");
            requireGiven(clock, "clock");
            requireGiven(listener, "listener");
            final SynodSettings settings = new SynodSettings(
                    Configuration.first(id, members, quorums != null ? quorums : Quorums.majority(members.size())),
                    clusterId,
                    isBootstrap,
                    timeoutNs,
                    retryIntervalNs,
                    pendingDecrees,
                    pendingBytes,
                    knownBytes);
            return new SynodReplica(
                    new SynodEngine(settings, log, transport, clock, listener, callbackExecutor, ownThread));
        }

        private static void requireGiven(final Object value, final String name) {
            if (value == null) {
                throw new IllegalArgumentException(name + " must be given");
            }
        }
    }
}
