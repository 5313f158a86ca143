package io.paxos.testkit.sim.net;

import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.schedule.Trace;
import java.util.function.Predicate;

/**
 * The network between members 1..n. It loses, repeats, delays and reorders packets, and can be cut on any directed
 * link.
 *
 * <p>A packet survives the crash of its sender. A packet to a member that is down is lost.
 */
public final class SimNetwork {
    /** The receiver of packets. */
    public interface Receiver {
        /** Takes a packet that has arrived. Returns false if it does not take it. */
        boolean arrived(Packet packet);

        /** A member says who it is. */
        default void introduced(final Connection connection) {}

        /** Whether it takes packets now. */
        default boolean isUp() {
            return true;
        }
    }

    private static final int IN_FLIGHT_MAX = 1 << 14;

    private final int members;
    private final int valueLengthMax;
    private final EventQueue events;
    private final SimRandom random;
    private final PacketPool pool;
    private final Trace trace;
    private final PacketObserver observer;
    private final Situations situations;
    private final PacketCorruption corruption;
    private final Delays delays;
    private final Receiver[] receivers; // by replica id
    // By link, which is from * (members + 1) + to.
    private final boolean[] cut;
    private final int[] onLink; // packets under way
    private final EventQueue.Handler<Packet> onArrival = this::arrive;
    private final EventQueue.Handler<Runnable> onCarried = this::carried;
    private Predicate<Packet> drops = packet -> false;
    private int inFlight; // the sum of onLink
    private int lossPerMillion;
    private int duplicationPerMillion;
    private int corruptionPerMillion;
    private int capacity = IN_FLIGHT_MAX; // packets on one link
    private boolean carriesHandshakes;

    public SimNetwork(
            final int members,
            final int valueLengthMax,
            final EventQueue events,
            final SimRandom random,
            final PacketPool pool,
            final Trace trace,
            final PacketObserver observer,
            final Situations situations) {
        this.members = members;
        this.valueLengthMax = valueLengthMax;
        this.observer = observer;
        this.events = events;
        this.random = random;
        this.pool = pool;
        this.trace = trace;
        this.situations = situations;
        corruption = new PacketCorruption(members, valueLengthMax, random.split());
        receivers = new Receiver[members + 1];
        cut = new boolean[(members + 1) * (members + 1)];
        delays = new Delays(members, events, random, situations);
        onLink = new int[(members + 1) * (members + 1)];
    }

    public void receiver(final int id, final Receiver receiver) {
        receivers[id] = receiver;
    }

    Receiver receiver(final int id) {
        return receivers[id];
    }

    /** Loses {@code perMillion} packets in a million. */
    public SimNetwork loses(final int perMillion) {
        lossPerMillion = perMillion;
        return this;
    }

    /** Delivers {@code perMillion} packets in a million twice, at different times. */
    public SimNetwork repeats(final int perMillion) {
        duplicationPerMillion = perMillion;
        return this;
    }

    /** Each packet takes {@code minNs} and an exponentially distributed time around {@code jitterMeanNs}. */
    public SimNetwork delays(final long minNs, final long jitterMeanNs) {
        delays.usual(minNs, jitterMeanNs);
        return this;
    }

    /** Delays {@code perMillion} packets in a million by up to {@code upToNs} more. */
    public SimNetwork holdsUp(final int perMillion, final long upToNs) {
        delays.holdsUp(perMillion, upToNs);
        return this;
    }

    /** Changes bytes of {@code perMillion} packets in a million. The checksum of the frame must show it. */
    public SimNetwork corrupts(final int perMillion) {
        corruptionPerMillion = perMillion;
        return this;
    }

    /** Limits how many packets are under way on one link. A packet beyond the limit is lost. */
    public SimNetwork capacity(final int packets) {
        capacity = packets;
        return this;
    }

    /** How long packets take, link by link. */
    public Delays delays() {
        return delays;
    }

    /** Whether packets of one link arrive in the order in which they were sent, as over TCP. */
    public SimNetwork ordered(final boolean ordered) {
        delays.ordered(ordered);
        return this;
    }

    boolean isOrdered() {
        return delays.isOrdered();
    }

    /** Whether members tell each other who they are before the first packet. */
    public SimNetwork carriesHandshakes(final boolean carries) {
        carriesHandshakes = carries;
        return this;
    }

    boolean carriesHandshakes() {
        return carriesHandshakes;
    }

    /** Cuts one direction. Packets that are under way there are lost too. */
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

    /** Leaves only the links of one member. It can then be the only one that receives messages of a quorum. */
    public SimNetwork star(final int hub) {
        for (int one = 1; one <= members; one++) {
            for (int other = 1; other <= members; other++) {
                set(one, other, one != hub && other != hub && one != other);
            }
        }
        return this;
    }

    /** Leaves only the links between neighbours in a row of all members that begins with {@code first}. */
    public SimNetwork chain(final int first) {
        for (int one = 0; one < members; one++) {
            for (int other = 0; other < members; other++) {
                set(inRow(first, one), inRow(first, other), Math.abs(one - other) > 1);
            }
        }
        return this;
    }

    /** Cuts all links to a member. Its own messages still arrive. */
    public SimNetwork deafen(final int id) {
        for (int other = 1; other <= members; other++) {
            cut(other, id);
        }
        return this;
    }

    /** Cuts all links from a member. It still receives messages. */
    public SimNetwork mute(final int id) {
        for (int other = 1; other <= members; other++) {
            cut(id, other);
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

    /** Whether packets between two members arrive in both directions, unless they are lost under way. */
    public boolean isLinked(final int one, final int other) {
        return !cut[link(one, other)] && !cut[link(other, one)];
    }

    /** Loses every packet for which {@code filter} is true. Replaces the last filter. */
    public SimNetwork drops(final Predicate<Packet> filter) {
        drops = filter;
        return this;
    }

    /** Mends all links and ends all other faults of the network. */
    public SimNetwork heal() {
        delays.heal();
        return mendAll()
                .loses(0)
                .repeats(0)
                .corrupts(0)
                .holdsUp(0, 0)
                .capacity(IN_FLIGHT_MAX)
                .drops(packet -> false);
    }

    int members() {
        return members;
    }

    int valueLengthMax() {
        return valueLengthMax;
    }

    long nowNs() {
        return events.nowNs();
    }

    /** Carries half of a handshake. Lost like a packet, but neither repeated, changed nor filtered. */
    void carry(final int from, final int to, final String what, final Runnable arrival) {
        final int link = link(from, to);
        final boolean isLost = cut[link] || random.chance(lossPerMillion);
        trace.happened(isLost ? 15 : 14, link, () -> from + " " + what + " " + to + (isLost ? ", lost" : ""));
        if (!isLost) {
            events.at(delays.arrivalNs(link, 0, 0), onCarried, link, arrival);
        }
    }

    private void carried(final long link, final Runnable arrival) {
        if (!cut[(int) link]) {
            arrival.run();
        }
    }

    /** The observer of all packets. */
    PacketObserver observer() {
        return observer;
    }

    /** Takes a packet that leaves its sender now. */
    public void send(final Packet packet) {
        send(packet, 0);
    }

    /** Takes a packet that leaves its sender within {@code lingerNs}. */
    public void send(final Packet packet, final long lingerNs) {
        if (isCut(packet) || random.chance(lossPerMillion) || inFlight >= IN_FLIGHT_MAX || drops.test(packet)) {
            trace.happenedTo(packet, "lost", packet.hash());
            observer.sent(packet);
            lose(packet, isCut(packet) ? "the link is cut" : "lost under way");
            return;
        }
        trace.happenedTo(packet, "sent", packet.hash());
        observer.sent(packet);
        if (random.chance(duplicationPerMillion)) {
            transmit(copied(packet), 0);
        }
        if (random.chance(corruptionPerMillion)) {
            corrupted(packet);
        } else {
            transmit(packet, lingerNs);
        }
    }

    private Packet copied(final Packet packet) {
        final Packet copy = pool.take();
        copy.copyFrom(packet);
        observer.repeated(packet, copy);
        return copy;
    }

    /** Sends what the frame reader delivers of the changed bytes. If that is nothing, the packet is lost. */
    private void corrupted(final Packet packet) {
        final Packet changed = copied(packet);
        if (corruption.survives(packet, changed)) {
            transmit(changed, 0);
        } else {
            situations.saw(Situation.CORRUPTED_PACKET_DROPPED);
            lose(changed, "its bytes were changed under way");
        }
        lose(packet, "its bytes were changed under way");
    }

    private void transmit(final Packet packet, final long lingerNs) {
        final int link = link(packet.from(), packet.to());
        if (onLink[link] >= capacity) {
            situations.saw(Situation.LINK_FULL);
            trace.happenedTo(packet, "lost", packet.hash());
            lose(packet, "the link is full");
            return;
        }
        inFlight++;
        onLink[link]++;
        events.at(delays.arrivalNs(link, lingerNs, packet.length()), onArrival, 0, packet);
    }

    private void arrive(final long ignored, final Packet packet) {
        inFlight--;
        onLink[link(packet.from(), packet.to())]--;
        trace.happenedTo(packet, isCut(packet) ? "cut " : "arrives", packet.hash());
        if (isCut(packet) || !receivers[packet.to()].arrived(packet)) {
            lose(packet, isCut(packet) ? "the link is cut" : "the receiver does not take it");
        }
    }

    private void lose(final Packet packet, final String why) {
        observer.lost(packet, why);
        pool.give(packet);
    }

    /**
     * What a sender knows of a link. An ordered link, like TCP, shows that it is cut or that its receiver is down.
     */
    public boolean isReachable(final int from, final int to) {
        return !delays.isOrdered() || (!cut[link(from, to)] && receivers[to].isUp());
    }

    private boolean isCut(final Packet packet) {
        return cut[link(packet.from(), packet.to())];
    }

    private SimNetwork set(final int from, final int to, final boolean isCut) {
        if (cut[link(from, to)] != isCut) {
            cut[link(from, to)] = isCut;
            observer.link(from, to, isCut);
        }
        return this;
    }

    /** The member at a place in the row of all members. */
    private int inRow(final int first, final int place) {
        return 1 + Math.floorMod(first - 1 + place, members);
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
