package io.paxos.testkit.sim;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.SynodReplica;
import io.paxos.UndecidedException;
import io.paxos.testkit.sim.disk.SimDisk;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.testkit.sim.net.PacketObserver;
import io.paxos.testkit.sim.net.PacketPool;
import io.paxos.testkit.sim.net.SimNetwork;
import io.paxos.testkit.sim.net.SimTransport;
import io.paxos.testkit.sim.rules.FirstViolation;
import io.paxos.testkit.sim.rules.GroundTruth;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimClock;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.schedule.Trace;
import io.paxos.testkit.sim.value.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Production {@link SynodReplica}s in virtual time: single-decree Paxos under the same faults, on the same disks, and
 * checked against the same truth as Multi-Paxos in {@link SimCluster}.
 */
final class SynodCluster {
    static final String DECIDED = "a decree has one value, and each answer is that value";
    static final String PROPOSED = "every chosen value was proposed";
    static final String LIVENESS = "a cluster without faults decides every decree";

    static final String IN_TIME = "every proposal is answered by its deadline";

    /** The kinds of steps. */
    enum Kind {
        PROPOSE,
        RUN,
        CRASH,
        RESTART,
        CUT,
        MEND,
        LOSE,
        REPEAT,
        HOLD_UP
    }

    /** One step. The kind defines the meaning of {@code a} and {@code b}. Every step is legal in every state. */
    record Step(Kind kind, int a, int b) {}

    private static final int DECREES = 3;
    private static final long TICK_NS = 5 * Setup.MILLISECOND;
    private static final long TIMEOUT_NS = 400 * Setup.MILLISECOND;
    private static final long LIVENESS_NS = 5_000 * Setup.MILLISECOND;

    private final int members;
    private final Quorums quorums;
    private final EventQueue events = new EventQueue();
    private final SimRandom random;
    private final PacketPool pool = new PacketPool();
    private final FirstViolation violations = new FirstViolation();
    private final Values values = new Values();
    private final Situations situations = new Situations();
    private final GroundTruth truth;
    private final SimNetwork network;
    private final Setup setup;
    private final Node[] nodes;
    private final Map<Long, String> decided = new TreeMap<>();
    private int proposals;
    private int answers;

    SynodCluster(final int members, final long seed) {
        this.members = members;
        quorums = Quorums.majority(members);
        random = new SimRandom(seed);
        setup = Setup.of(members);
        truth = new GroundTruth(quorums, values, violations, situations);
        network = new SimNetwork(
                members,
                setup.valueLengthMax,
                events,
                random.split(),
                pool,
                new Trace(events),
                PacketObserver.NONE,
                situations);
        network.delays(1_000, 200 * Setup.MICROSECOND);
        nodes = new Node[members + 1];
        for (int id = 1; id <= members; id++) {
            nodes[id] = new Node(id);
            network.receiver(id, nodes[id]);
        }
        for (int id = 1; id <= members; id++) {
            nodes[id].start();
        }
    }

    long events() {
        return events.handled();
    }

    int answers() {
        return answers;
    }

    SynodCluster run(final Iterable<Step> steps) {
        for (final Step step : steps) {
            apply(step);
        }
        return this;
    }

    private void apply(final Step step) {
        final int id = 1 + Math.floorMod(step.a, members);
        final int other = 1 + Math.floorMod(step.b, members);
        switch (step.kind) {
            case PROPOSE -> nodes[id].open.add(nodes[id].propose(1 + Math.floorMod(step.b, DECREES)));
            case RUN -> runFor((1L + Math.floorMod(step.b, 100)) * Setup.TENTH_MS);
            case CRASH -> nodes[id].crash();
            case RESTART -> nodes[id].start();
            case CUT -> network.cut(id, other);
            case MEND -> network.mendAll();
            case LOSE -> network.loses(Math.floorMod(step.b, 500_000));
            case REPEAT -> network.repeats(Math.floorMod(step.b, 500_000));
            case HOLD_UP -> network.holdsUp(Math.floorMod(step.b, 500_000), 50 * Setup.MILLISECOND);
        }
    }

    void runFor(final long durationNs) {
        final long limitNs = events.nowNs() + durationNs;
        while (events.runNext(limitNs)) {
            violations.check();
        }
    }

    /** Ends all faults. Then each member gets an answer for each decree, and all answers are the same. */
    SynodCluster converge() {
        network.heal().delays(1_000, 200 * Setup.MICROSECOND);
        for (int id = 1; id <= members; id++) {
            nodes[id].disk.heal(100 * Setup.MICROSECOND);
            nodes[id].start();
        }
        final long limitNs = events.nowNs() + LIVENESS_NS;
        for (int id = 1; id <= members; id++) {
            for (int decree = 1; decree <= DECREES; decree++) {
                CompletableFuture<byte[]> answer = nodes[id].propose(decree);
                while (!answer.isDone() || answer.isCompletedExceptionally()) {
                    if (events.nowNs() > limitNs) {
                        throw violations.broken(LIVENESS, "within " + LIVENESS_NS + " ns", "decree " + decree);
                    }
                    if (answer.isDone()) {
                        answer = nodes[id].propose(decree);
                    }
                    runFor(TICK_NS);
                }
            }
        }
        runFor(TIMEOUT_NS + TICK_NS);
        for (int id = 1; id <= members; id++) {
            if (!nodes[id].open.stream().allMatch(CompletableFuture::isDone)) {
                throw violations.broken(IN_TIME, "all answered", "some at " + id + " are not");
            }
        }
        return this;
    }

    private void answered(final long decree, final byte[] value) {
        answers++;
        final String text = Arrays.toString(value);
        final String before = decided.putIfAbsent(decree, text);
        if (before != null && !before.equals(text)) {
            throw violations.broken(DECIDED, before, text);
        }
        if (truth.chosen(decree) != values.number(new UnsafeBuffer(value), 0, value.length)) {
            throw violations.broken(DECIDED, "what a quorum of disks holds for decree " + decree, text);
        }
        if (value.length != Long.BYTES || new UnsafeBuffer(value).getLong(0) > proposals) {
            throw violations.broken(PROPOSED, "one of " + proposals + " values", text);
        }
    }

    /** One member: a disk, and a replica. The disk survives a crash, the replica does not. */
    private final class Node implements SimNetwork.Receiver {
        private final int id;
        private final SimDisk disk;
        private final SimClock clock = new SimClock(events, 0, 0);
        private SynodReplica replica; // null while down
        private final List<CompletableFuture<byte[]>> open = new ArrayList<>(); // of the present life
        private SimTransport transport;
        private int life;
        private boolean isWakeQueued;
        private long timerNs;

        Node(final int id) {
            this.id = id;
            disk = new SimDisk(id, events, random.split(), values, truth, situations);
        }

        void start() {
            if (replica != null) {
                return;
            }
            final int number = ++life;
            transport = new SimTransport(
                    id, setup.queueMax, network, pool, () -> {}, () -> wake(number), packet -> {}, peer -> {});
            replica = SynodReplica.builder(id)
                    .members(Members.of(IntStream.rangeClosed(1, members).toArray()))
                    .quorums(quorums)
                    .log(disk.forceTakes(100 * Setup.MICROSECOND).open(setup.valueLengthMax, () -> {}))
                    .transport(transport)
                    .clock(clock)
                    .retryIntervalNs(TICK_NS)
                    .timeoutNs(TIMEOUT_NS)
                    .pendingBytes(setup.pendingBytes)
                    .host();
            isWakeQueued = false;
            timerNs = 0;
            wake(number);
        }

        void crash() {
            if (replica != null) {
                replica = null;
                open.clear();
                transport.close();
                disk.crash(false);
            }
        }

        CompletableFuture<byte[]> propose(final long decree) {
            if (replica == null) {
                return CompletableFuture.failedFuture(new UndecidedException("down"));
            }
            final byte[] value = new byte[Long.BYTES];
            new UnsafeBuffer(value).putLong(0, ++proposals);
            final int number = life;
            final CompletableFuture<byte[]> future = replica.propose(decree, value);
            wake(number);
            return future.whenComplete((chosen, failure) -> {
                if (failure == null && replica != null && life == number) {
                    answered(decree, chosen);
                } else if (failure != null && !(failure instanceof UndecidedException)) {
                    throw new CompletionException(failure);
                }
            });
        }

        @Override
        public boolean arrived(final Packet packet) {
            if (replica == null || !transport.arrived(packet)) {
                return false;
            }
            wake(life);
            return true;
        }

        private void wake(final int number) {
            if (replica != null && number == life && !isWakeQueued) {
                isWakeQueued = true;
                events.at(events.nowNs(), (ofLife, packet) -> work((int) ofLife), number, null);
            }
        }

        private void work(final int number) {
            if (replica == null || number != life) {
                return;
            }
            isWakeQueued = false;
            int work = 1;
            while (work > 0) {
                work = replica.doWork();
                violations.check();
                if (replica.status().fault() != null) {
                    throw violations.broken(
                            SimNode.NO_FAULT,
                            "no fault",
                            replica.status().fault(),
                            replica.status().fault());
                }
            }
            final long nextNs = Math.max(events.nowNs() + 1_000, clock.virtualTime(replica.nextWorkNs()));
            if (nextNs < timerNs || timerNs <= events.nowNs()) {
                timerNs = nextNs;
                events.at(nextNs, (ofLife, packet) -> timer((int) ofLife, nextNs), number, null);
            }
        }

        private void timer(final int number, final long atNs) {
            if (number == life && atNs == timerNs) {
                work(number);
            }
        }
    }
}
