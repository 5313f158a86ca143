package io.paxos.testkit.sim;

import io.paxos.Read;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.ReplyHandler;
import io.paxos.Status;
import io.paxos.protocol.Ballot;
import io.paxos.statemachine.Snapshotting;
import io.paxos.testkit.sim.disk.SimLog;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.testkit.sim.net.SimTransport;
import io.paxos.testkit.sim.rules.DifferingMachine;
import io.paxos.testkit.sim.rules.History;
import io.paxos.testkit.sim.rules.HistoryMachine;
import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.schedule.SimulatedCrash;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.value.SimCommands;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/** One life of a member's process: a production replica, its log and its transport. A crash abandons all of them. */
final class SimLife implements CrashPoint, ReplicaListener, ReplyHandler {
    private static final byte[] QUERY = new byte[0];
    private static final int COMMAND_LENGTH = 64;
    private static final long DEADLINE_SLACK_NS = 10_000_000;
    private static final String REPLAY = "a replay is told from 0 to all of its slots, and never goes back";

    private final SimNode node;
    private final History history;
    private final SimLog log;
    private final SimTransport transport;
    private final Replica replica;
    private final Long2LongHashMap pending = new Long2LongHashMap(0); // correlation id to command number
    private final Long2LongHashMap given = new Long2LongHashMap(-1); // command number to the time it was given
    private final UnsafeBuffer command; // of the length of the longest one
    private final SimClient client;
    private int pendingReads; // reads that have no outcome yet
    private int pointsToCrash; // crash points until the process dies; 0 if no crash is planned
    private long replayed = -1; // slots of the replay, as told last; -1 if nothing was told
    private boolean isDead; // true for good; a dead life reports nothing

    SimLife(final SimNode node) {
        this.node = node;
        history = node.invariants.history;
        client = new SimClient(node, this);
        final Setup setup = node.setup;
        command = new UnsafeBuffer(new byte[Math.max(COMMAND_LENGTH, setup.commandLengthMax)]);
        log = node.disk.open(setup.valueLengthMax, this);
        transport = new SimTransport(
                node.id,
                setup.queueMax,
                node.world.network,
                node.world.pool,
                this,
                this::wakeup,
                this::sent,
                peer -> node.rememberedBy(peer, log.incarnation()));
        final Snapshotting machine = machine();
        final Replica.Builder builder = SimReplicas.builder(node.id, setup, log, transport, node.clock)
                .stateMachine(setup.differing == node.id ? new DifferingMachine(machine) : machine)
                .listener(this)
                .replyHandler(this);
        if (setup.odd == node.id) {
            builder.quorums(setup.otherQuorums());
        }
        replica = (node.isFirstStart() ? SimReplicas.bootstrapped(builder) : builder).host();
    }

    private Snapshotting machine() {
        final Snapshotting machine = new HistoryMachine(node.id, history, this);
        return node.setup.applyMeanNs + node.setup.queryMeanNs > 0 ? new BusyMachine(machine, node) : machine;
    }

    int number() {
        return log.incarnation();
    }

    Replica replica() {
        return replica;
    }

    SimTransport transport() {
        return transport;
    }

    SimClient client() {
        return client;
    }

    SimLog log() {
        return log;
    }

    boolean isDead() {
        return isDead;
    }

    /** How many slots it has replayed since its start, as it has told; -1 if it has told nothing. */
    long replayed() {
        return replayed;
    }

    /** How many commands and reads wait for their outcome. */
    int pending() {
        return pending.size() + pendingReads;
    }

    void crashAfter(final int points) {
        pointsToCrash = points;
    }

    /** Ends this life. Only its packets in the network remain. */
    void kill() {
        isDead = true;
        transport.close();
    }

    @Override
    public void pass() {
        if (pointsToCrash > 0 && --pointsToCrash == 0) {
            isDead = true;
        }
        if (isDead) {
            throw new SimulatedCrash();
        }
    }

    /** One duty cycle. Then checks the rules that are not checked within it. */
    int doWork() {
        int work = 0;
        try {
            work = replica.doWork();
        } catch (final SimulatedCrash e) {
            assert isDead;
        } catch (final RuntimeException e) {
            throw node.invariants.violations.broken(SimNode.NO_THROW, "nothing", "replica " + node.id + ": " + e, e);
        }
        node.invariants.violations.check();
        if (!isDead) {
            final Status status = replica.status();
            node.observer.worked(node.id, status);
            history.applied(node.id, status.appliedThrough());
        }
        return work;
    }

    /** The code of a client gives a new command, within a turn. */
    void submit(final int length) {
        final long number = history.submit(node.id, number());
        node.trace.happened(11, number, () -> "code of a client gives c" + number + " to member " + node.id);
        node.observer.client(node.id, "given", number, 0);
        offer(number, length);
    }

    /** Offers a command. Returns false if the replica refuses it. */
    boolean offer(final long number, final int length) {
        SimCommands.write(command, number, length);
        final long correlationId = replica.offer(command, 0, length);
        if (correlationId <= 0) {
            node.invariants.situations.saw(Situation.BACK_PRESSURE);
            history.refused(number);
            return false;
        }
        pending.put(correlationId, number);
        given.put(number, node.world.events.nowNs());
        if (node.isAsleep()) {
            node.invariants.situations.saw(Situation.COMMAND_LINGERS);
        }
        return true;
    }

    CompletableFuture<byte[]> read(final Read how) {
        final int floor = history.readBegins();
        pendingReads++;
        final CompletableFuture<byte[]> future = replica.read(QUERY, how);
        node.wakeSoon();
        return future.whenComplete((answer, failure) -> {
            if (isDead) {
                return;
            }
            pendingReads--;
            node.observer.client(node.id, failure == null ? "read answered" : "read failed", 0, 0);
            node.spend(node.setup.callbackMeanNs);
            if (failure != null) {
                node.invariants.situations.saw(Situation.READ_FAILED);
                return;
            }
            final UnsafeBuffer state = new UnsafeBuffer(answer);
            history.read(floor, how == Read.LINEARIZABLE, (int) state.getLong(0), state.getLong(Long.BYTES));
        });
    }

    CompletableFuture<Long> snapshot() {
        final CompletableFuture<Long> future = replica.snapshot();
        node.wakeSoon();
        return future;
    }

    @Override
    public void onRole(final Status.Role role, final int leaderId, final long ballot) {
        if (!isDead) {
            node.trace.happened(
                    6,
                    ballot,
                    () -> "member " + node.id + " is " + role + ", leader " + leaderId + ", ballot "
                            + Ballot.text(ballot));
            node.observer.role(node.id, role, leaderId, ballot);
        }
    }

    @Override
    public void onReplay(final long slots, final long ofSlots, final long durationNs) {
        if (isDead) {
            return;
        }
        node.trace.happened(17, slots, () -> "member " + node.id + " has replayed " + slots + " of " + ofSlots);
        final boolean isNext = replayed < 0 ? slots == 0 && durationNs == 0 : slots >= replayed;
        if (!isNext || slots > ofSlots) {
            throw node.invariants.violations.broken(REPLAY, "after " + replayed, slots + " of " + ofSlots);
        }
        replayed = slots;
    }

    @Override
    public void onFault(final Throwable cause) {
        if (!isDead) {
            node.faulted(cause);
        }
    }

    @Override
    public void onChosen(
            final long correlationId, final long slot, final DirectBuffer reply, final int offset, final int length) {
        if (!isDead) {
            final long number = pending.remove(correlationId);
            node.trace.happened(7, slot, () -> "member " + node.id + " acknowledges c" + number + " in slot " + slot);
            node.observer.client(node.id, "acknowledges", number, slot);
            history.chosen(number, slot, reply, offset, length);
            requireInTime(number);
            node.spend(node.setup.callbackMeanNs);
            client.called();
        }
    }

    @Override
    public void onNotChosen(final long correlationId, final Reason reason) {
        if (!isDead) {
            final long number = pending.remove(correlationId);
            node.trace.happened(8, number, () -> "member " + node.id + " answers c" + number + " with not chosen");
            node.observer.client(node.id, "not chosen:", number, 0);
            history.notChosen(number);
            requireInTime(number);
            client.called();
        }
    }

    @Override
    public void onUnknown(final long correlationId) {
        if (!isDead) {
            final long number = pending.remove(correlationId);
            node.trace.happened(9, number, () -> "member " + node.id + " answers c" + number + " with unknown");
            node.observer.client(node.id, "unknown:", number, 0);
            history.unknown(number);
            requireInTime(number);
            client.called();
        }
    }

    /**
     * An outcome comes by its deadline, or within {@value #DEADLINE_SLACK_NS} ns, one turn, and what the turn that
     * tells it has taken by then: perhaps with callbacks of many others. A member that was paused or slow has this time
     * from the end of that on.
     */
    private void requireInTime(final long number) {
        final long timeoutNs = node.setup.timeoutNs + node.setup.timeoutNs * node.setup.driftPerMillion / 1_000_000;
        final long dueNs = Math.max(given.remove(number) + timeoutNs, node.freeSinceNs());
        final long lateNs = node.world.events.nowNs() + node.clock.spentNs() - dueNs;
        final long limitNs = DEADLINE_SLACK_NS + node.turnMaxNs() + node.clock.spentNs();
        if (lateNs > limitNs) {
            throw node.invariants.violations.broken(
                    PartitionProgress.DEADLINE,
                    "at most " + limitNs + " ns late",
                    "c" + number + " at member " + node.id + " is " + lateNs + " ns late");
        }
    }

    private void wakeup() {
        if (!isDead) {
            node.wakeSoon();
        }
    }

    private void sent(final Packet packet) {
        if (node.world.atlas.isOutcast(node.id)) {
            throw node.invariants.violations.broken(SimNode.NO_OUTCAST, "nothing", packet);
        }
        node.invariants.packets.sent(packet, log.incarnation());
    }
}
