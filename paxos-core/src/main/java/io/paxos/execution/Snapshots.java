package io.paxos.execution;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.SnapshotStore;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.Snapshotting;
import io.paxos.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes snapshots of all that execution owns, and starts from the newest one.
 *
 * <p>A snapshot of slot {@code s} holds the state after slots 1 to {@code s}: the {@link ExecutionState}, then the
 * state machine. It is written between the cycles of the replica, a slice in each, while later slots are executed. It
 * counts when it is durable as a whole.
 *
 * <pre>
 * version int | epoch int | cluster id long | execution state: length int, bytes | state machine: all that follows
 * </pre>
 *
 * <p>One thread, that of the replica.
 *
 * @see <a href="https://raft.github.io/raft.pdf">Ongaro, Ousterhout: In Search of an Understandable Consensus
 *     Algorithm, section 7: what a snapshot must hold beside the state machine</a>
 */
public final class Snapshots {
    private static final int VERSION = 1;
    /** How long after a failure the next one is begun at the earliest, unless a caller wants it. */
    private static final long RETRY_NS = 500_000_000;

    private static final int WANTED_ROUNDS = 5;
    private static final int CHECK_BYTES = 256 << 10;

    /** What happens with snapshots, for the log of the process. */
    public interface Events {
        /** The replica starts from this snapshot. */
        void restored(long slot, long length);

        /** A snapshot is not used, and why. The one before is tried, then the log. */
        void notUsed(long slot, String why);

        /** A snapshot is durable. No slice took longer than {@code pauseNs}. */
        void durable(long slot, long length, long pauseNs);

        /** A snapshot could not be written, and why. */
        void failed(long slot, String why);
    }

    /** A caller that waits for a snapshot. */
    private record Request(CompletableFuture<Long> future, long deadlineNs) {}

    private final int epoch;
    private final AcceptorLog log;
    private final SnapshotStore store;
    private final Snapshotting machine; // null if the state machine has no snapshots
    private final ExecutionState state;
    private final Events events;
    private final Clock clock;
    private final LongSupplier clusterId; // 0 while it is not known
    private final Runnable wakeup;
    private final long growthBytesMin; // of executed values between two snapshots, at least; 0 for none by itself
    private final List<Request> waiting = new ArrayList<>(); // for the next snapshot
    private final List<Request> served = new ArrayList<>(); // by the one that is written
    private SnapshotStore.Output output; // null unless one is written
    private SnapshotWriting sink; // of output
    private SnapshotWriter writer; // of output; null once it has written everything
    private long slot; // of output
    private long floor; // slots through this one have a snapshot, perhaps one that is not used; no other begins there
    private long newest; // the slot of the newest durable one; 0 if there is none; never falls
    private long newestLength; // in bytes
    private long previous; // the slot of the one before; 0 if there is none; below newest
    private long bytesAtBegin; // of values executed when the last one began
    private long pauseNs; // the longest slice of the present or last one
    private long damaged; // this one is damaged, and another one may be written in its place; 0 for none
    private boolean isReplacementDue; // of the damaged one, at once
    private long wanted; // another member needs one of this slot or a later one; at most newest if none does
    private int wantedRounds; // how often one has asked since the last one was begun
    private String failure; // of the last one, if it has failed; else null
    private long failedNs; // when it has

    /** @param growthBytesMin bytes of values between two snapshots, at least; 0 for none by itself */
    public Snapshots(
            final int epoch,
            final AcceptorLog log,
            final StateMachine stateMachine,
            final ExecutionState state,
            final Events events,
            final Clock clock,
            final LongSupplier clusterId,
            final Runnable wakeup,
            final long growthBytesMin) {
        this.epoch = epoch;
        this.log = log;
        store = log.snapshots();
        machine = stateMachine instanceof Snapshotting snapshotting ? snapshotting : null;
        this.state = state;
        this.events = events;
        this.clock = clock;
        this.clusterId = clusterId;
        this.wakeup = wakeup;
        this.growthBytesMin = growthBytesMin;
    }

    /**
     * Takes over the newest snapshot that is sound and that the log goes on from, if there is one. Before the first
     * slot is executed. A log that lacks slots of the snapshot is trimmed through it.
     *
     * @return its slot; 0 if nothing was taken over
     * @throws IllegalArgumentException if it is not one of this cluster, or of another state machine
     */
    public long restore() {
        if (machine == null) {
            return 0;
        }
        for (final long candidate : store.slots()) {
            floor = Math.max(floor, candidate);
            if (isReached(candidate) && isSound(candidate)) {
                read(candidate);
                previous = Arrays.stream(store.slots())
                        .filter(older -> older < candidate)
                        .findFirst()
                        .orElse(0);
                if (!isCovered(candidate)) {
                    log.trim(candidate);
                }
                return candidate;
            }
        }
        return 0;
    }

    /**
     * Replaces the state by a snapshot that another member has sent, and trims the log through it. It is durable here.
     *
     * @throws IllegalStateException if it cannot be read; the state may be half of it then, so the replica must stop
     * @throws IllegalArgumentException if it is not one of this cluster, or of another state machine
     */
    public void install(final long received, final long executedBytes) {
        assert received > state.appliedThrough() : "received=" + received + " applied=" + state.appliedThrough();
        read(received);
        previous = 0;
        floor = received;
        bytesAtBegin = executedBytes;
        log.trim(received);
    }

    /** This snapshot was found damaged when another member needed it. If it is the newest, another one is written. */
    public void damaged(final long damagedSlot) {
        if (damagedSlot == newest) {
            floor = damagedSlot - 1;
            newest = 0;
            damaged = damagedSlot;
            isReplacementDue = true;
        }
    }

    /**
     * Another member has asked for a snapshot of this slot or a later one, and there is none here. If these slots are
     * executed, and it asks in {@value #WANTED_ROUNDS} rounds, so that nobody else has helped it, one is written. Else
     * that member would wait until the log has grown enough, which may be never.
     */
    public void wanted(final long throughSlot) {
        if (throughSlot <= state.appliedThrough()) {
            wanted = Math.max(wanted, throughSlot);
            wantedRounds++;
        }
    }

    private boolean isWanted() {
        return wanted > newest && wantedRounds >= WANTED_ROUNDS;
    }

    /** Another member sends a snapshot: the own one that is being written is given up, if there is one. */
    public void giveWay() {
        if (output != null && output.state() == SnapshotStore.Output.State.DURABLE) {
            end();
        } else if (output != null) {
            output.abandon();
            release();
            fail(served, "another member sends a newer snapshot");
        }
    }

    /**
     * Begins, goes on with, or ends a snapshot. Returns the amount of work done.
     *
     * @param urgency 1, or how many times earlier than usual: the log needs to be trimmed
     */
    public int run(final long executedBytes, final long urgency) {
        if (output == null) {
            return isDue(executedBytes, urgency) && state.partBytes() == 0 ? begin(executedBytes) : 0;
        }
        if (urgency > 1) {
            output.hurry();
        }
        switch (output.state()) {
            case WRITING -> {
                return output.room() > 0 ? writeSlice() : 0;
            }
            case FINISHING -> {
                return 0;
            }
            default -> {
                end();
                return 1;
            }
        }
    }

    /** A caller wants a snapshot of all that is executed now. */
    public void request(final CompletableFuture<Long> future, final long deadlineNs) {
        final String why = unavailable();
        if (why != null) {
            future.completeExceptionally(new IllegalStateException(why));
        } else if (newest == state.appliedThrough()) {
            future.complete(newest);
        } else {
            waiting.add(new Request(future, deadlineNs));
        }
    }

    /** Tells callers whose deadline has passed. Returns how many. */
    public int expire(final long nowNs) {
        return waiting.isEmpty() && served.isEmpty() ? 0 : expire(waiting, nowNs) + expire(served, nowNs);
    }

    /** Gives up what is being written, and tells all callers why. */
    public void close(final String reason) {
        if (output != null) {
            output.abandon();
            release();
        }
        fail(waiting, reason);
        fail(served, reason);
    }

    /** The slot of the newest snapshot that is durable; 0 if there is none. */
    public long newestSlot() {
        return newest;
    }

    /** The slot of the one before the newest; 0 if there is none. */
    public long previousSlot() {
        return previous;
    }

    /** How many bytes the newest snapshot has; 0 if there is none. */
    public long newestLength() {
        return newestLength;
    }

    /** For how long the replica did nothing else, at most, in one slice of the present or last snapshot. */
    public long pauseNs() {
        return pauseNs;
    }

    /** Whether one waits for a state without a part of a value. */
    public boolean isHeldUp(final long executedBytes, final long urgency) {
        return state.partBytes() > 0 && output == null && isDue(executedBytes, urgency);
    }

    /** What happens with snapshots, in a few words. */
    public String text() {
        final String why = unavailable();
        if (why != null) {
            return why;
        }
        if (output != null) {
            return "writing slot " + slot;
        }
        return failure != null ? "the last one failed: " + failure : newest == 0 ? "none yet" : "ready";
    }

    /** Whether snapshots can be written and read here. */
    public boolean isAvailable() {
        return unavailable() == null;
    }

    private String unavailable() {
        if (machine == null) {
            return "none: the state machine does not implement Snapshotting";
        }
        return store.isAvailable() ? null : "none: the log keeps none";
    }

    private boolean isDue(final long executedBytes, final long urgency) {
        if (machine == null || !store.isAvailable() || state.appliedThrough() <= floor) {
            return false;
        }
        if (waiting.isEmpty() && failure != null && clock.nanoTime() - failedNs < RETRY_NS) {
            return false;
        }
        final boolean isAutomatic = growthBytesMin > 0 || urgency > 1;
        final long growthBytes = Math.max(growthBytesMin, newestLength) / urgency;
        final boolean isAsked = !waiting.isEmpty() || isReplacementDue || isWanted();
        return isAsked || (isAutomatic && executedBytes - bytesAtBegin >= growthBytes);
    }

    private int begin(final long executedBytes) {
        final long beginNs = clock.nanoTime();
        slot = state.appliedThrough();
        if (Arrays.stream(store.slots()).anyMatch(kept -> kept >= slot && kept != damaged)) {
            floor = slot; // one that was given up, or received, has become durable after all
            return 0;
        }
        bytesAtBegin = executedBytes;
        pauseNs = 0;
        isReplacementDue = false;
        wantedRounds = 0;
        failure = null;
        served.addAll(waiting);
        waiting.clear();
        output = store.begin(slot, wakeup);
        sink = new SnapshotWriting(output);
        writer = machine.writeSnapshot();
        sink.writeInt(VERSION);
        sink.writeInt(epoch);
        sink.writeLong(clusterId.getAsLong());
        sink.writeBytes(state.bytes());
        paused(beginNs);
        return 1;
    }

    private int writeSlice() {
        final long beginNs = clock.nanoTime();
        if (!writer.writeSlice(sink)) {
            writer.close();
            writer = null;
            output.finish();
        }
        paused(beginNs);
        return 1;
    }

    private void paused(final long beginNs) {
        pauseNs = Math.max(pauseNs, clock.nanoTime() - beginNs);
    }

    private void end() {
        if (output.state() == SnapshotStore.Output.State.DURABLE) {
            previous = newest;
            newest = slot;
            floor = slot;
            damaged = 0;
            newestLength = sink.length();
            events.durable(slot, newestLength, pauseNs);
            served.forEach(request -> request.future.complete(newest));
            served.clear();
        } else {
            failure = output.failure();
            failedNs = clock.nanoTime();
            events.failed(slot, failure);
            fail(served, failure);
        }
        release();
    }

    private void release() {
        if (writer != null) {
            writer.close();
            writer = null;
        }
        output = null;
        sink = null;
    }

    /** Reads all of it, because a state machine that has read half of one cannot go back. */
    private boolean isSound(final long candidate) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CHECK_BYTES]);
        try (SnapshotStore.Input input = store.open(candidate)) {
            int read;
            do {
                read = input.read(buffer, 0, CHECK_BYTES);
            } while (read >= 0);
            return true;
        } catch (final IllegalStateException e) {
            events.notUsed(candidate, e.getMessage());
            return false;
        }
    }

    /** Whether the log holds the slot behind the snapshot, or nothing behind it was trimmed. */
    private boolean isReached(final long candidate) {
        if (candidate + 1 < log.firstSlot()) {
            events.notUsed(candidate, "the log begins at slot " + log.firstSlot());
            return false;
        }
        return true;
    }

    /**
     * Whether the log holds all slots of the snapshot. Not if another member sent it, and a crash has lost the trim
     * behind it. Not if a log with {@code replicated} has lost them. What a record calls chosen proves nothing: perhaps
     * it was written after that trim.
     */
    private boolean isCovered(final long candidate) {
        for (long at = log.firstSlot(); at <= candidate; at++) {
            if (log.acceptedBallot(at) == 0) {
                return false;
            }
        }
        return true;
    }

    private void read(final long candidate) {
        try (SnapshotStore.Input input = store.open(candidate)) {
            final SnapshotReading source = new SnapshotReading(input);
            final int version = source.readInt();
            require(version == VERSION, candidate, "it has version " + version + ", this build reads " + VERSION);
            final int itsEpoch = source.readInt();
            require(itsEpoch == epoch, candidate, "it is of epoch " + itsEpoch + ", this is " + epoch);
            final long itsCluster = source.readLong();
            final long ownCluster = clusterId.getAsLong();
            require(
                    itsCluster == ownCluster || itsCluster == 0 || ownCluster == 0,
                    candidate,
                    "it is of cluster " + Long.toUnsignedString(itsCluster) + ", this is "
                            + Long.toUnsignedString(ownCluster));
            state.read(source.readBytes());
            require(state.appliedThrough() == candidate, candidate, "it is of slot " + state.appliedThrough());
            machine.readSnapshot(source);
            require(source.isAtEnd(), candidate, "the state machine has not read all of it: it wrote more");
            newest = candidate;
            newestLength = input.length();
        }
        events.restored(candidate, newestLength);
    }

    private static void require(final boolean holds, final long candidate, final String message) {
        if (!holds) {
            throw new IllegalArgumentException("the snapshot of slot " + candidate + " cannot be used: " + message);
        }
    }

    private static int expire(final List<Request> requests, final long nowNs) {
        int count = 0;
        for (int i = requests.size() - 1; i >= 0; i--) {
            if (nowNs - requests.get(i).deadlineNs >= 0) {
                final Request late = requests.remove(i);
                late.future.completeExceptionally(
                        new IllegalStateException("the snapshot is not durable by its deadline; it goes on"));
                count++;
            }
        }
        return count;
    }

    private static void fail(final List<Request> requests, final String why) {
        requests.forEach(request -> request.future.completeExceptionally(new IllegalStateException(why)));
        requests.clear();
    }
}
