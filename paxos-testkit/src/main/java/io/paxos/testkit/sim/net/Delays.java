package io.paxos.testkit.sim.net;

import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import java.util.Arrays;

/** When arrives what is sent on a link now. Within the network, links have numbers. */
public final class Delays {
    private static final long SECOND_NS = 1_000_000_000;

    private final int members;
    private final EventQueue events;
    private final SimRandom random;
    private final Situations situations;
    private final long[] lastArrivalNs; // by link, if it is ordered; never falls
    private final long[] cloggedUntilNs; // by link
    private final long[] farNs; // by link: what each packet takes besides
    private final long[] busyUntilNs; // by link, if it has a rate: when its last packet has left; never falls
    private int slowPerMillion;
    private long slowNs;
    private long delayNs = 1_000;
    private long jitterNs = 100_000;
    private boolean isOrdered;
    private long bytesPerSecond; // of each link; 0 if they have no rate

    Delays(final int members, final EventQueue events, final SimRandom random, final Situations situations) {
        this.events = events;
        this.random = random;
        this.situations = situations;
        this.members = members;
        final int links = (members + 1) * (members + 1);
        lastArrivalNs = new long[links];
        cloggedUntilNs = new long[links];
        farNs = new long[links];
        busyUntilNs = new long[links];
    }

    void usual(final long minNs, final long jitterMeanNs) {
        delayNs = minNs;
        jitterNs = jitterMeanNs;
    }

    void holdsUp(final int perMillion, final long upToNs) {
        slowPerMillion = perMillion;
        slowNs = upToNs;
    }

    /** Delays all packets of a link until {@code durationNs} have passed. */
    public void clog(final int from, final int to, final long durationNs) {
        cloggedUntilNs[link(from, to)] = events.nowNs() + durationNs;
    }

    /** Each packet of a link takes {@code moreNs} longer from now on. */
    public void far(final int from, final int to, final long moreNs) {
        farNs[link(from, to)] = moreNs;
    }

    /** Each packet of every link takes {@code moreNs} longer from now on. */
    public void far(final long moreNs) {
        Arrays.fill(farNs, moreNs);
    }

    /** How much longer each packet of a link takes. */
    long farNs(final int from, final int to) {
        return farNs[link(from, to)];
    }

    /** Each link carries so many bytes per second from now on, one packet after another. 0: it has no such limit. */
    public void rate(final long newBytesPerSecond) {
        bytesPerSecond = newBytesPerSecond;
    }

    /** No link is clogged or far, and none has a rate. */
    void heal() {
        Arrays.fill(cloggedUntilNs, 0);
        far(0);
        rate(0);
    }

    void ordered(final boolean ordered) {
        isOrdered = ordered;
    }

    boolean isOrdered() {
        return isOrdered;
    }

    /** When a packet of {@code length} bytes arrives that is sent now, or within {@code lingerNs}. */
    long arrivalNs(final int link, final long lingerNs, final int length) {
        long atNs = leavesNs(link, length) + delayNs + farNs[link] + random.exponential(jitterNs);
        if (lingerNs > 0) {
            situations.saw(Situation.PROPOSAL_LINGERS);
            atNs += random.between(0, lingerNs);
        }
        if (random.chance(slowPerMillion)) {
            atNs += random.between(0, slowNs);
        }
        if (cloggedUntilNs[link] > events.nowNs()) {
            situations.saw(Situation.LINK_CLOGGED);
            atNs += cloggedUntilNs[link] - events.nowNs();
        }
        if (isOrdered) {
            atNs = Math.max(atNs, lastArrivalNs[link]);
            lastArrivalNs[link] = atNs;
        }
        return atNs;
    }

    private long leavesNs(final int link, final int length) {
        if (bytesPerSecond == 0) {
            return events.nowNs();
        }
        busyUntilNs[link] = Math.max(busyUntilNs[link], events.nowNs()) + length * SECOND_NS / bytesPerSecond;
        return busyUntilNs[link];
    }

    private int link(final int from, final int to) {
        return from * (members + 1) + to;
    }
}
