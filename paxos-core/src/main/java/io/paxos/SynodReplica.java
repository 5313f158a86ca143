package io.paxos;

import io.paxos.protocol.Configuration;
import io.paxos.replica.SynodEngine;
import io.paxos.replica.SynodSettings;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Transport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One agreed value, and no more: single-decree Paxos for as many independent decrees as one likes.
 *
 * <pre>{@code
 * try (SynodReplica synod = SynodReplica.builder(1).members(Members.of(1, 2, 3)).log(log).transport(transport).start()) {
 *     byte[] chosen = synod.propose(42, mine).get(); // the same on every member, whoever proposed it
 * }
 * }</pre>
 *
 * <p>It needs a log and a transport of its own. There is no leader: a decree takes two round trips and two syncs. To learn
 * the value of a decree, propose something for it.
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
     * Proposes a value for a decree.
     *
     * @param decree which question, >= 1
     * @param value the proposed answer; copied by nobody, so leave it alone
     * @return completed with the chosen value, ours or another's, on this member's thread; with {@link UndecidedException} if
     *     it does not become known by {@link Builder#timeoutNs}, or if too many decrees are open
     */
    public CompletableFuture<byte[]> propose(final long decree, final byte[] value) {
        return engine.propose(decree, value);
    }

    /** One turn of a member that is driven by its host. */
    public int doWork() {
        return engine.doWork();
    }

    /** When {@link #doWork} must be called again, on the builder's clock, if nothing comes in before. */
    public long nextWorkNs() {
        return engine.nextWorkNs();
    }

    /** Why this member has stopped; null if it runs or was closed. */
    public Throwable fault() {
        return engine.fault();
    }

    /** Stops; whatever is open fails; closes the transport and the log. Idempotent. */
    @Override
    public void close() {
        engine.close();
    }

    /** Describes a member. Everything without a default must be given. */
    public static final class Builder {
        private final int id;
        private Members members;
        private Quorums quorums;
        private AcceptorLog log;
        private Transport transport;
        private Clock clock = Clock.SYSTEM;
        private long tickIntervalNs = TimeUnit.MILLISECONDS.toNanos(50);
        private int decreesMax = 1024;
        private int stagedBytes = 16 * 1024 * 1024;
        private long timeoutNs = TimeUnit.SECONDS.toNanos(5);

        private Builder(final int id) {
            this.id = id;
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

        /** How long to wait before saying something again: 50 ms. */
        public Builder tickIntervalNs(final long value) {
            tickIntervalNs = value;
            return this;
        }

        /** By when each proposal is answered: 5 s. */
        public Builder timeoutNs(final long value) {
            timeoutNs = value;
            return this;
        }

        /** How many decrees may be proposed here at a time: 1,024. */
        public Builder decreesMax(final int value) {
            decreesMax = value;
            return this;
        }

        /** Room for answers that wait for the disk: 16 MiB, a power of two; a value takes at most an eighth. */
        public Builder stagedBytes(final int value) {
            stagedBytes = value;
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
            requireGiven(members, "members");
            requireGiven(log, "log");
            requireGiven(transport, "transport");
            requireGiven(clock, "clock");
            final SynodSettings settings = new SynodSettings(
                    Configuration.first(id, members, quorums != null ? quorums : Quorums.majority(members.size())),
                    timeoutNs,
                    tickIntervalNs,
                    decreesMax,
                    stagedBytes);
            return new SynodReplica(new SynodEngine(settings, log, transport, clock, ownThread));
        }

        private static void requireGiven(final Object value, final String name) {
            if (value == null) {
                throw new IllegalArgumentException(name + " must be given");
            }
        }
    }
}
