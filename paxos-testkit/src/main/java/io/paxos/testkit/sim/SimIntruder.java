package io.paxos.testkit.sim;

import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.testkit.sim.disk.DiskObserver;
import io.paxos.testkit.sim.disk.SimDisk;
import io.paxos.testkit.sim.net.SimTransport;
import io.paxos.testkit.sim.rules.FirstViolation;
import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimClock;
import io.paxos.testkit.sim.schedule.Situation;

/**
 * A second process under the id of a member, with an empty directory. The others must refuse it. It asks them, but no
 * message reaches it: the address of the id is that of the member.
 */
final class SimIntruder implements ReplicaListener, DiskObserver {
    static final String SILENT = "a second process under a known id sends nothing and remembers nothing";

    private static final long CYCLE_NS = 1_000;

    private final int id;
    private final SimWorld world;
    private final EventQueue events;
    private final FirstViolation violations;
    private final SimClock clock;
    private final SimTransport transport;
    private final Replica replica;
    private final EventQueue.Handler<Object> onWake = (number, none) -> wake(number);
    private long wakeNs = Long.MAX_VALUE; // when the queued wake-up comes; one with another time is ignored
    private boolean isStopped; // true for good

    SimIntruder(final int id, final SimWorld world) {
        this.id = id;
        this.world = world;
        events = world.events;
        violations = world.invariants.violations;
        clock = world.clockOfStranger();
        final SimDisk disk =
                new SimDisk(id, events, world.random.split(), world.invariants.values, this, world.situations());
        transport = new SimTransport(
                id,
                world.setup.queueMax,
                world.network,
                world.pool,
                () -> {},
                () -> wakeAt(events.nowNs() + CYCLE_NS),
                packet -> {
                    throw broken(packet.toString());
                },
                peer -> {
                    throw broken("member " + peer + " confirms it");
                });
        replica = SimReplicas.builder(
                        id, world.setup, disk.open(world.setup.valueLengthMax, () -> {}), transport, clock)
                .stateMachine(SimReplicas.UNUSED)
                .listener(this)
                .host();
        wakeAt(events.nowNs());
    }

    /** The process ends. */
    void stop() {
        isStopped = true;
        transport.close();
    }

    @Override
    public void onFault(final Throwable cause) {
        world.trace.happened(16, id, () -> "the second process under id " + id + " stops: " + cause);
        violations.check();
        world.situations().saw(Situation.SECOND_PROCESS_REFUSED);
        stop();
    }

    @Override
    public void promiseAppended(final int replicaId, final long ballot, final long slot) {
        throw broken("a promise");
    }

    @Override
    public void acceptAppended(
            final int replicaId, final long ballot, final long slot, final long chosenThrough, final int value) {
        throw broken("an accepted value");
    }

    private InvariantViolation broken(final String what) {
        return violations.broken(SILENT, "nothing of id " + id, what);
    }

    private void wakeAt(final long timeNs) {
        if (!isStopped && timeNs < wakeNs) {
            wakeNs = timeNs;
            events.at(timeNs, onWake, timeNs, null);
        }
    }

    private void wake(final long timeNs) {
        if (isStopped || timeNs != wakeNs) {
            return;
        }
        wakeNs = Long.MAX_VALUE;
        replica.doWork();
        violations.check();
        wakeAt(Math.max(events.nowNs() + CYCLE_NS, clock.virtualTime(replica.nextWorkNs())));
    }
}
