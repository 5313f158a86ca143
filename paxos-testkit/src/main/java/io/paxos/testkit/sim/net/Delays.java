package io.paxos.testkit.sim.net;

import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import java.util.Arrays;

/** When arrives what is sent on a link now. Links have numbers. */
final class Delays {
    private final EventQueue events;
    private final SimRandom random;
    private final Situations situations;
    private final long[] lastArrivalNs; // by link, if it is ordered; never falls
    private final long[] cloggedUntilNs; // by link
    private int slowPerMillion;
    private long slowNs;
    private long delayNs = 1_000;
    private long jitterNs = 100_000;
    private boolean isOrdered;

    Delays(final int links, final EventQueue events, final SimRandom random, final Situations situations) {
        this.events = events;
        this.random = random;
        this.situations = situations;
        lastArrivalNs = new long[links];
        cloggedUntilNs = new long[links];
    }

    void usual(final long minNs, final long jitterMeanNs) {
        delayNs = minNs;
        jitterNs = jitterMeanNs;
    }

    void holdsUp(final int perMillion, final long upToNs) {
        slowPerMillion = perMillion;
        slowNs = upToNs;
    }

    void clog(final int link, final long durationNs) {
        cloggedUntilNs[link] = events.nowNs() + durationNs;
    }

    void unclog() {
        Arrays.fill(cloggedUntilNs, 0);
    }

    void ordered(final boolean ordered) {
        isOrdered = ordered;
    }

    boolean isOrdered() {
        return isOrdered;
    }

    long arrivalNs(final int link, final long lingerNs) {
        long atNs = events.nowNs() + delayNs + random.exponential(jitterNs);
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
}
