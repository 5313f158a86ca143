package io.paxos;

import io.paxos.protocol.Configuration;
import io.paxos.protocol.ProtocolSettings;
import io.paxos.replica.ReplicaEngine;
import io.paxos.replica.ReplicaParts;
import io.paxos.replica.ReplicaSettings;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.AgronaFlags;
import io.paxos.spi.Clock;
import io.paxos.spi.Probe;
import io.paxos.spi.Transport;
import io.paxos.statemachine.StateMachine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * One member of a replicated state machine: give it commands, and every member executes them in the same order.
 *
 * <pre>{@code
 * try (Replica replica = Replica.builder(1)
 *         .members(Members.of(1, 2, 3))
 *         .log(log).transport(transport).stateMachine(new Counter())
 *         .start()) {
 *     Outcome outcome = replica.submit(command).get();
 *     byte[] value = replica.read(query, Read.LINEARIZABLE).get();
 * }
 * }</pre>
 *
 * <p>Any member takes commands and reads; those of a follower travel to the leader. It has a thread of its own ({@link
 * Builder#start}), or is driven by its host ({@link Builder#host}, {@link #doWork}). All other methods may be called
 * from any thread. A broken invariant, a failed write or force, and a thrown {@code apply} stop this replica for good,
 * with its data kept: see {@link Status#fault} and {@link ReplicaListener#onFault}.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 3</a>
 */
public final class Replica implements AutoCloseable {
    /** {@link #offer}: too much is waiting; try again later. */
    public static final long BACK_PRESSURED = ReplicaEngine.BACK_PRESSURED;

    /** {@link #offer}: this replica is closed or has stopped. */
    public static final long CLOSED = ReplicaEngine.CLOSED;

    /** {@link Builder#callbackExecutor}: the replica's own thread. */
    public static final Executor ON_REPLICA_THREAD = ReplicaEngine.ON_REPLICA_THREAD;

    private static final long SNAPSHOT_TIMEOUT_NS = 600_000_000_000L;

    private final ReplicaEngine engine;

    private Replica(final ReplicaEngine engine) {
        this.engine = engine;
    }

    /** Begins to describe a replica with this id, 1..65535; an id is never used again for another disk. */
    public static Builder builder(final int id) {
        return new Builder(id);
    }

    /** The longest command that {@link #submit} and {@link #offer} take, in bytes. */
    public int commandLengthMax() {
        return engine.commandLengthMax();
    }

    /**
     * Submits a command, on any replica.
     *
     * <p>The commands that one replica takes, here and by {@link #offer}, are executed in the order in which it took
     * them. A command whose outcome is unknown is never executed after a later one. A restart of the replica ends this
     * order.
     *
     * @return completed with its outcome by {@link Builder#timeoutNs}, see {@link Builder#callbackExecutor}; at once
     *     with {@link Outcome.NotChosen} if too much is waiting
     * @throws IllegalArgumentException if the command is null, or longer than {@link #commandLengthMax}
     */
    public CompletableFuture<Outcome> submit(final byte[] command) {
        return engine.submit(command, engine.timeoutNs());
    }

    /**
     * As {@link #submit(byte[])}, with the time for this call.
     *
     * @param timeoutNs after which the future is completed at the latest; kept within a turn of the replica
     * @throws IllegalArgumentException if it is not positive, too
     */
    public CompletableFuture<Outcome> submit(final byte[] command, final long timeoutNs) {
        return engine.submit(command, timeoutNs);
    }

    /**
     * Submits a command without allocating; its outcome goes to the {@link ReplyHandler}, by the same deadline.
     *
     * <p>A command that is taken while the replica is being closed may get no outcome: it is unknown.
     *
     * @return a correlation id > 0, {@link #BACK_PRESSURED} or {@link #CLOSED}
     * @throws IllegalArgumentException if the command is null, or longer than {@link #commandLengthMax}
     * @throws IllegalStateException if the replica was built without a reply handler
     */
    public long offer(final DirectBuffer command, final int offset, final int length) {
        return engine.offer(command, offset, length, engine.timeoutNs());
    }

    /** As {@link #offer(DirectBuffer, int, int)}, with the time for this call, which must be positive. */
    public long offer(final DirectBuffer command, final int offset, final int length, final long timeoutNs) {
        return engine.offer(command, offset, length, timeoutNs);
    }

    /**
     * Asks the state machine of this replica a question. Appends nothing to the log.
     *
     * <p>{@link Read#LINEARIZABLE} needs a leader, as a command does. A replica without a connection to the leader asks
     * through a neighbour that has one.
     *
     * <p>A query that throws fails its read, and nothing else.
     *
     * @return completed with the answer, or with {@link ReadFailedException}, by {@link Builder#timeoutNs}, see {@link
     *     Builder#callbackExecutor}
     * @throws IllegalArgumentException if the query, or how to read, is null
     */
    public CompletableFuture<byte[]> read(final byte[] query, final Read how) {
        return engine.read(query, how, engine.timeoutNs());
    }

    /** As {@link #read(byte[], Read)}, with the time for this call, which must be positive. */
    public CompletableFuture<byte[]> read(final byte[] query, final Read how, final long timeoutNs) {
        return engine.read(query, how, timeoutNs);
    }

    /**
     * Writes a snapshot of all that has been executed, while commands go on. The future completes with the slot of the
     * snapshot, once it is durable. It fails after ten minutes at the latest, or if the
     * state machine has no snapshots, if the log keeps none, if it cannot be written, or if the replica stops; then
     * the older ones stay.
     */
    public CompletableFuture<Long> snapshot() {
        return engine.snapshot(SNAPSHOT_TIMEOUT_NS);
    }

    /**
     * Waits until this replica is ready to serve: it takes part, has executed what it knew when it started, and a
     * leader is there. So a program need not know in which order its members are started, or how long their logs take.
     *
     * <p>Returns early, with false, if the replica is closed or stops by a fault. What is in the way is in {@link
     * Status#notReady}. A replica without a thread of its own must be driven by another thread meanwhile.
     *
     * @param timeoutNs how long to wait at most; not positive: does not wait
     * @return whether it is ready
     * @throws InterruptedException if this thread is interrupted
     * @throws IllegalStateException if it would wait on the replica's own thread, or within a callback
     */
    public boolean awaitReady(final long timeoutNs) throws InterruptedException {
        return engine.awaitReady(timeoutNs);
    }

    /** The state of this replica. Cheap; for health checks and people. */
    public Status status() {
        return engine.status();
    }

    /** One turn of a replica that is driven by its host: call until it returns 0, then again by {@link #nextWorkNs}. */
    public int doWork() {
        return engine.doWork();
    }

    /** When {@link #doWork} must be called again, on the builder's clock, if nothing comes in before. */
    public long nextWorkNs() {
        return engine.nextWorkNs();
    }

    /**
     * Stops; everything that waits gets its outcome; closes the transport and the log. Idempotent. Returns when all
     * that is done, also on a thread that was interrupted. Within a callback on the replica's thread it only asks for
     * that.
     *
     * @throws IllegalStateException if a turn or a callback does not end within 10 s
     */
    @Override
    public void close() {
        engine.close();
    }

    /** Its {@link #status}. */
    @Override
    public String toString() {
        return status().toString();
    }

    /** Describes a replica. Everything without a default must be given. */
    public static final class Builder {
        private final int id;
        private Members members;
        private Quorums quorums;
        private long clusterId;
        private boolean isBootstrap;
        private AcceptorLog log;
        private Transport transport;
        private StateMachine stateMachine;
        private Clock clock = Clock.SYSTEM;
        private ReplicaListener listener = ReplicaListener.NONE;
        private ReplyHandler replyHandler;
        private Executor callbackExecutor;
        private Probe probe = Probe.NONE;
        private int batchBytesMax = 64 * 1024;
        private int pendingBytes = 16 * 1024 * 1024;
        private int pendingCommands = 16 * 1024;
        private boolean compareReplies;
        private long clockAheadMaxMs = 500;
        private long timeoutNs = TimeUnit.SECONDS.toNanos(5);
        private long followerLingerNs;
        private long commandLingerNs;
        private int windowSlots = 128;
        private long snapshotBytes = 64 << 20;
        private long transferBytesPerSecond = 64 << 20;
        private long logTailBytes = 64 << 20;
        private long maxLogBytes;
        private long heartbeatIntervalNs = TimeUnit.MILLISECONDS.toNanos(100);
        private int patienceRounds = 3;
        private long stallNs = TimeUnit.SECONDS.toNanos(2);

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

        /** The acceptor's durable memory; closed with the replica. */
        public Builder log(final AcceptorLog value) {
            log = value;
            return this;
        }

        /** How to reach the others; closed with the replica. */
        public Builder transport(final Transport value) {
            transport = value;
            return this;
        }

        /** What executes the commands. It starts empty: chosen commands are executed again after each restart. */
        public Builder stateMachine(final StateMachine value) {
            stateMachine = value;
            return this;
        }

        /** The machine's clock unless given. */
        public Builder clock(final Clock value) {
            clock = value;
            return this;
        }

        /** Is told of role changes and of the fault that stops this replica. */
        public Builder listener(final ReplicaListener value) {
            listener = value;
            return this;
        }

        /** Takes the outcomes of {@link Replica#offer}. */
        public Builder replyHandler(final ReplyHandler value) {
            replyHandler = value;
            return this;
        }

        /**
         * Runs the callbacks: completes futures, with all that depends on them, calls the {@link ReplyHandler}, and
         * tells the {@link ReplicaListener}. In order and one at a time, whatever the executor. So a callback that
         * blocks delays later ones, but never the replica. A call of {@code get} or {@code join} that would wait within
         * a callback is refused with {@link IllegalStateException}: it would wait for itself.
         *
         * <p>Unless given, a replica with a thread of its own has another one for callbacks, and one that is driven by
         * its host runs them in {@link Replica#doWork}. With {@link Replica#ON_REPLICA_THREAD} the replica's thread
         * runs them, which saves a switch of threads. Then a slow callback holds up heartbeats and the deadlines of
         * others.
         */
        public Builder callbackExecutor(final Executor value) {
            callbackExecutor = value;
            return this;
        }

        /**
         * Is called for everything that happens inside this replica, on its thread; {@link Probe#NONE} unless given.
         */
        public Builder probe(final Probe value) {
            probe = value;
            return this;
        }

        /**
         * How often members send heartbeats: 100 ms. A leader counts as gone after {@code patienceRounds} of it.
         */
        public Builder heartbeatIntervalNs(final long value) {
            heartbeatIntervalNs = value;
            return this;
        }

        /** How many heartbeats a member may miss before it counts as gone: 3. */
        public Builder patienceRounds(final int value) {
            patienceRounds = value;
            return this;
        }

        /** By when each command and read gets its outcome, unless the call has a time of its own: 5 s. */
        public Builder timeoutNs(final long value) {
            timeoutNs = value;
            return this;
        }

        /**
         * How long the own log may make no progress before leadership is given up: 2 s. So long a turn or a callback
         * may take before {@link ReplicaListener#onHeldUp} tells it.
         */
        public Builder stallNs(final long value) {
            stallNs = value;
            return this;
        }

        /**
         * Delays proposals to followers that the current quorum does not need, so that several travel in one frame. 0
         * (default) sends them at once. A millisecond saves work where replicas, or many groups, share a machine. With
         * one machine each, a command then waits for one follower and not for the fastest, and for up to this long
         * while that one stalls. A host that drives the replica must sleep in the transport's {@code await}.
         */
        public Builder followerLingerNs(final long value) {
            followerLingerNs = value;
            return this;
        }

        /**
         * Delays commands at the leader while another value is under way, so that more of them share a value. Ends
         * early when 8 KiB, or a quarter of {@code pendingBytes}, have come in. 0 (default) proposes at once. Saves
         * processor time and syncs where commands come in one by one, the more the slower the disk. Callers that wait
         * for one outcome before they send the next command become slower.
         */
        public Builder commandLingerNs(final long value) {
            commandLingerNs = value;
            return this;
        }

        /**
         * How many slots may be open at once: 128; a power of two. If members differ, the smallest one counts for all,
         * once they have met.
         */
        public Builder windowSlots(final int value) {
            windowSlots = value;
            return this;
        }

        /**
         * How many bytes of waiting commands become one value at most: 64 KiB. One longer command makes a longer value.
         */
        public Builder batchBytesMax(final int value) {
            batchBytesMax = value;
            return this;
        }

        /**
         * Room for commands that wait for their outcome: 16 MiB, a power of two; a value takes at most an eighth. Not
         * less than the others have, or than this replica had before: it must be able to report what they chose.
         */
        public Builder pendingBytes(final int value) {
            pendingBytes = value;
            return this;
        }

        /**
         * How many commands, and how many reads, may wait for their outcome: 16,384; a power of two, at most 32,768.
         */
        public Builder pendingCommands(final int value) {
            pendingCommands = value;
            return this;
        }

        /**
         * Whether members compare the replies of their state machines: false. Two members that differ stop. Members
         * with false are not compared. True costs a checksum of each reply, about 15 ns. Values are always compared.
         */
        public Builder compareReplies(final boolean value) {
            compareReplies = value;
            return this;
        }

        /**
         * By how much the wall clock of a leader may be ahead of what a majority of the members tell, in ms: 500.
         * {@link io.paxos.statemachine.Command#timeMs} follows it no further. See {@link Status#clockAlarm}. A single
         * member is fenced against jumps while it runs, by its monotonic clock alone.
         */
        public Builder clockAheadMaxMs(final long value) {
            clockAheadMaxMs = value;
            return this;
        }

        /**
         * A snapshot of a {@link io.paxos.statemachine.Snapshotting} state machine is written when values of this many
         * bytes have been executed since the last one, and more than the last one has: 64 MiB. 0 writes none but those
         * of {@link Replica#snapshot}.
         */
        public Builder snapshotBytes(final long value) {
            snapshotBytes = value;
            return this;
        }

        /**
         * How many bytes per second this replica receives at most, if it needs a snapshot of another one: 64 MiB. It
         * was away for so long then that the others have trimmed what it lacks.
         */
        public Builder transferBytesPerSecond(final long value) {
            transferBytesPerSecond = value;
            return this;
        }

        /**
         * How many bytes of the log stay behind the newest snapshot: 64 MiB. A member that was away for less gets the
         * values that it lacks, one that was away for longer gets the snapshot.
         */
        public Builder logTailBytes(final long value) {
            logTailBytes = value;
            return this;
        }

        /**
         * How many bytes the log may have: 0 (default) is as many as the disk takes. At least twice {@code
         * logTailBytes}, and three times the segments of the log. Snapshots come early from three quarters on. A leader
         * whose log has this many proposes no new command: its callers get {@link Outcome.NotChosen}.
         */
        public Builder maxLogBytes(final long value) {
            maxLogBytes = value;
            return this;
        }

        /**
         * Builds the replica and starts it on a thread of its own.
         *
         * @throws IllegalArgumentException if something is missing or does not fit; the message says what
         */
        public Replica start() {
            return build(true);
        }

        /** Builds a replica without a thread, to be driven by {@link Replica#doWork}. */
        public Replica host() {
            return build(false);
        }

        private Replica build(final boolean ownThread) {
            AgronaFlags.require();
            requireGiven(members, "members");
            requireGiven(log, "log");
            requireGiven(transport, "transport");
            requireGiven(stateMachine, "stateMachine");
            requireGiven(clock, "clock");
            requireGiven(listener, "listener");
            requireGiven(probe, "probe");
            final ReplicaSettings settings = new ReplicaSettings(
                    Configuration.first(id, members, quorums != null ? quorums : Quorums.majority(members.size())),
                    clusterId,
                    isBootstrap,
                    new ProtocolSettings(windowSlots, heartbeatIntervalNs, patienceRounds, stallNs),
                    timeoutNs,
                    followerLingerNs,
                    commandLingerNs,
                    batchBytesMax,
                    pendingBytes,
                    pendingCommands,
                    compareReplies,
                    clockAheadMaxMs,
                    snapshotBytes,
                    transferBytesPerSecond,
                    logTailBytes,
                    maxLogBytes);
            final ReplicaParts parts = new ReplicaParts(
                    log, transport, stateMachine, clock, listener, replyHandler, callbackExecutor, probe);
            return new Replica(new ReplicaEngine(settings, parts, ownThread));
        }

        private static void requireGiven(final Object value, final String name) {
            if (value == null) {
                throw new IllegalArgumentException(name + " must be given");
            }
        }
    }
}
