package io.paxos.testkit.sim;

import io.paxos.testkit.sim.disk.DiskObserver;
import io.paxos.testkit.sim.disk.SimDisk;
import io.paxos.testkit.sim.net.PacketPool;
import io.paxos.testkit.sim.net.SimNetwork;
import io.paxos.testkit.sim.rules.ClockRule;
import io.paxos.testkit.sim.rules.Invariants;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimClock;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.schedule.Trace;

/** What all members of one simulated cluster share: time, the network, the rules, and those that observe the run. */
final class SimWorld {
    private static final long ORIGIN_MAX_NS = 1L << 50; // 13 days

    final Setup setup;
    final EventQueue events = new EventQueue();
    final SimRandom random; // the only source: all others are split from it, in a fixed order
    final PacketPool pool = new PacketPool();
    final Invariants invariants;
    final SimEvents observer; // NONE unless the setup asks for a diagram
    final Trace trace;
    final SimNetwork network;
    final ClockRule clocks;
    final FaultAtlas atlas;
    boolean hasFaults = true; // until the cluster is healed

    SimWorld(final Setup setup) {
        this.setup = setup;
        random = new SimRandom(setup.seed);
        invariants = new Invariants(setup.quorums);
        atlas = new FaultAtlas(setup.members, setup.quorums);
        clocks = new ClockRule(events, invariants.violations, setup.clockAheadMaxMs);
        invariants.history.onTime(clocks::executed);
        observer = observer();
        trace = new Trace(events, setup.traced, setup.tracePrinter, setup.traceNumbers);
        network = new SimNetwork(
                        setup.members,
                        setup.valueLengthMax,
                        events,
                        random.split(),
                        pool,
                        trace,
                        observer,
                        invariants.situations)
                .delays(1_000, setup.networkJitterNs)
                .carriesHandshakes(setup.carriesHandshakes);
    }

    Situations situations() {
        return invariants.situations;
    }

    /** A new disk. The rules observe each of its records. */
    SimDisk disk(final int id) {
        final DiskObserver diskObserver =
                observer == SimEvents.NONE ? invariants.truth : new TwoDiskObservers(observer, invariants.truth);
        return new SimDisk(id, events, random.split(), invariants.values, diskObserver, situations())
                .forceTakes(setup.forceMeanNs)
                .believesCache(setup.believesCache);
    }

    /** A new clock of a member. The rule for cluster time counts it. */
    SimClock clock() {
        final SimClock clock = clockOfStranger();
        clocks.add(clock);
        return clock;
    }

    /** A new clock, with an origin and a rate of its own. */
    SimClock clockOfStranger() {
        final long originNs = random.between(setup.clockOriginMinNs, ORIGIN_MAX_NS);
        return new SimClock(events, originNs, random.between(-setup.driftPerMillion, setup.driftPerMillion));
    }

    private SimEvents observer() {
        if (setup.recorder == null) {
            return SimEvents.NONE;
        }
        final SimEvents recorder = new EventRecorder(setup.members, events, invariants.values, setup.recorder);
        invariants.truth.onChosen((slot, value) -> {
            recorder.chosen(slot, invariants.truth.chosenBallot(slot), value);
            invariants.history.isChosen(slot, value);
        });
        return recorder;
    }
}
