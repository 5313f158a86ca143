package io.paxos.testkit.sim;

import java.util.function.Predicate;

/**
 * The network between members 1..n: loses, repeats, delays and reorders packets, and may be cut on any directed link.
 *
 * <p>A packet that has been sent survives the crash of its sender. What arrives at a member that is down is lost.
 */
public final class SimNetwork {
    /** Where packets end. */
    interface Receiver {
        /** A packet has arrived and is the receiver's now. Returns false if it cannot be taken. */
        boolean arrived(Packet packet);
    }

    private static final int IN_FLIGHT_MAX = 1 << 14;

    private final int members;
    private final EventQueue events;
    private final SimRandom random;
    private final PacketPool pool;
    private final Trace trace;
    private final Receiver[] receivers; // by replica id
    private final boolean[] cut; // by from * (members + 1) + to
    private final long[] lastArrivalNs; // by from * (members + 1) + to
    private final EventQueue.Handler onArrival = this::arrive;
    private Predicate<Packet> drops = packet -> false;
    private int inFlight;
    private int lossPerMillion;
    private int duplicationPerMillion;
    private int slowPerMillion;
    private long slowNs;
    private long delayNs = 1_000;
    private long jitterNs = 100_000;
    private boolean isOrdered;

    SimNetwork(
            final int members,
            final EventQueue events,
            final SimRandom random,
            final PacketPool pool,
            final Trace trace) {
        this.members = members;
        this.events = events;
        this.random = random;
        this.pool = pool;
        this.trace = trace;
        receivers = new Receiver[members + 1];
        cut = new boolean[(members + 1) * (members + 1)];
        lastArrivalNs = new long[(members + 1) * (members + 1)];
    }

    void receiver(final int id, final Receiver receiver) {
        receivers[id] = receiver;
    }

    /** So many packets in a million are lost. */
    public SimNetwork loses(final int perMillion) {
        lossPerMillion = perMillion;
        return this;
    }

    /** So many packets in a million arrive twice, at different times. */
    public SimNetwork repeats(final int perMillion) {
        duplicationPerMillion = perMillion;
        return this;
    }

    /** Each packet takes {@code minNs} and an exponentially distributed time around {@code jitterMeanNs}. */
    public SimNetwork delays(final long minNs, final long jitterMeanNs) {
        delayNs = minNs;
        jitterNs = jitterMeanNs;
        return this;
    }

    /** So many packets in a million take up to {@code upToNs} longer. */
    public SimNetwork holdsUp(final int perMillion, final long upToNs) {
        slowPerMillion = perMillion;
        slowNs = upToNs;
        return this;
    }

    /** Whether packets of one link arrive in the order in which they were sent, as over TCP. */
    public SimNetwork ordered(final boolean ordered) {
        isOrdered = ordered;
        return this;
    }

    /** Cuts one direction. What is on its way there is lost too. */
    public SimNetwork cut(final int from, final int to) {
        return set(from, to, true);
    }

    /** Cuts both directions. */
    public SimNetwork cutBoth(final int one, final int other) {
        return cut(one, other).cut(other, one);
    }

    /** Cuts a member off from all others, both ways. */
    public SimNetwork isolate(final int id) {
        for (int other = 1; other <= members; other++) {
            cutBoth(id, other);
        }
        return this;
    }

    /** Cuts every link between a group and the rest, both ways. */
    public SimNetwork split(final int... group) {
        for (int one = 1; one <= members; one++) {
            for (int other = 1; other <= members; other++) {
                if (contains(group, one) != contains(group, other)) {
                    cut(one, other);
                }
            }
        }
        return this;
    }

    /** Mends one direction. */
    public SimNetwork mend(final int from, final int to) {
        return set(from, to, false);
    }

    /** Mends both directions. */
    public SimNetwork mendBoth(final int one, final int other) {
        return mend(one, other).mend(other, one);
    }

    /** Mends all links. */
    public SimNetwork mendAll() {
        for (int from = 1; from <= members; from++) {
            for (int to = 1; to <= members; to++) {
                mend(from, to);
            }
        }
        return this;
    }

    /** Loses every packet of which this is true; replaces the last such wish. */
    public SimNetwork drops(final Predicate<Packet> wish) {
        drops = wish;
        return this;
    }

    /** Mends all links and loses, repeats and holds up nothing any more. */
    public SimNetwork heal() {
        return mendAll().loses(0).repeats(0).holdsUp(0, 0).drops(packet -> false);
    }

    /** Sees what happens to packets. */
    Tape tape() {
        return trace.tape();
    }

    /** Takes a packet that leaves its sender. */
    void send(final Packet packet) {
        if (isCut(packet) || random.chance(lossPerMillion) || inFlight >= IN_FLIGHT_MAX || drops.test(packet)) {
            trace.packet("lost", packet);
            trace.tape().sent(packet);
            trace.tape().lost(packet, isCut(packet) ? "the link is cut" : "lost on its way");
            pool.give(packet);
            return;
        }
        trace.packet("sent", packet);
        trace.tape().sent(packet);
        if (random.chance(duplicationPerMillion)) {
            final Packet copy = pool.take();
            copy.copyFrom(packet);
            trace.tape().repeated(packet, copy);
            transmit(copy);
        }
        transmit(packet);
    }

    private void transmit(final Packet packet) {
        long atNs = events.nowNs() + delayNs + random.exponential(jitterNs);
        if (random.chance(slowPerMillion)) {
            atNs += random.between(0, slowNs);
        }
        if (isOrdered) {
            final int link = link(packet.from(), packet.to());
            atNs = Math.max(atNs, lastArrivalNs[link]);
            lastArrivalNs[link] = atNs;
        }
        inFlight++;
        events.at(atNs, onArrival, 0, packet);
    }

    private void arrive(final long ignored, final Packet packet) {
        inFlight--;
        trace.packet(isCut(packet) ? "cut " : "arrives", packet);
        if (isCut(packet) || !receivers[packet.to()].arrived(packet)) {
            trace.tape().lost(packet, isCut(packet) ? "the link is cut" : "nobody there takes it");
            pool.give(packet);
        }
    }

    private boolean isCut(final Packet packet) {
        return cut[link(packet.from(), packet.to())];
    }

    private SimNetwork set(final int from, final int to, final boolean isCut) {
        if (cut[link(from, to)] != isCut) {
            cut[link(from, to)] = isCut;
            trace.tape().link(from, to, isCut);
        }
        return this;
    }

    private int link(final int from, final int to) {
        return from * (members + 1) + to;
    }

    private static boolean contains(final int[] group, final int id) {
        for (final int member : group) {
            if (member == id) {
                return true;
            }
        }
        return false;
    }
}
