package io.paxos.replica;

import io.paxos.ClockAlarm;
import io.paxos.protocol.Configuration;
import io.paxos.spi.Clock;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of the next value: the own wall clock, fenced by the clocks of the others.
 *
 * <p>Each member tells its wall clock with its heartbeats. A reading is kept as its distance from the own monotonic
 * clock, so it ages by itself. The reference is the highest reading that a majority can vouch for: with n members,
 * n / 2 of the readings may be too high. The rules for the time of a value:
 *
 * <ul>
 *   <li>It is the own reading, but no more than the reference plus {@code aheadMaxMs}.
 *   <li>Whatever the others tell, it may be the time executed last plus what has passed since by the monotonic clock.
 *       So time goes on if there are too few readings, or if the others are behind.
 *   <li>It is never less than the time executed last.
 * </ul>
 *
 * <p>Example: three members, 500 ms allowed. The leader's clock shows 2126, the two others tell 2026. At most one of
 * the three may be too high, so the reference is the second highest: 2026. Values get the time of 2026 plus 500 ms, and
 * the alarm is on. If one of the others is gone, the lower of two readings is the reference: 2026 as well.
 *
 * <p>A leader whose clock is behind lets time stand still until its clock, or another leader's, gets there.
 *
 * <p>A single member has no other to ask. Its reference is its own last reading, aged: a jump forward while it runs is
 * fenced until it is started again, and a clock that is wrong at the start is believed.
 *
 * <p>The replica's thread; allocates nothing unless an alarm begins or ends.
 */
final class ClusterClock {
    static final int RECENT_ROUNDS = 10; // a reading counts for this many heartbeats

    private static final Logger LOGGER = LoggerFactory.getLogger(ClusterClock.class);
    private static final long NANOS_PER_MS = 1_000_000;
    private static final long TIME_MS_MAX = 1L << 50; // beyond any clock: a reading above it is no reading
    private static final long UNKNOWN = Long.MIN_VALUE;
    private static final int SLOWER_SHIFT = 10; // without the others, time passes slower by a thousandth

    private final Configuration configuration;
    private final Clock clock;
    private final long aheadMaxMs;
    private final long recentNs;
    private final int tooHighMax; // how many readings may be too high
    private final long[] offsetMs; // by voter: its wall clock minus our monotonic one; the own one is of the last tick
    private final long[] toldNs; // by voter: when it told that
    private final long[] sorted; // room for updateReference
    private long told; // voters that have told a reading, the own one always among them, a bit each
    private long referenceMs = UNKNOWN; // the reference minus our monotonic clock
    private long floorMs; // a time that was executed, or a little less
    private long floorNs; // when it was seen here; time may go on from it
    private long aheadMs; // the own reading minus the reference, at the last tick; 0 if that is unknown
    private ClockAlarm alarm = ClockAlarm.NONE;

    ClusterClock(final Configuration configuration, final Clock clock, final long aheadMaxMs, final long heartbeatNs) {
        this.configuration = configuration;
        this.clock = clock;
        this.aheadMaxMs = aheadMaxMs;
        recentNs = RECENT_ROUNDS * Math.min(heartbeatNs, Long.MAX_VALUE / RECENT_ROUNDS);
        final int size = configuration.size();
        tooHighMax = size / 2;
        offsetMs = new long[size];
        toldNs = new long[size];
        sorted = new long[size];
        floorNs = clock.nanoTime();
        readOwn(floorNs);
        if (size == 1) {
            referenceMs = offsetMs[0];
        }
    }

    /** A member tells what its wall clock showed a moment ago. */
    void told(final int from, final long timeMs) {
        final int voter = configuration.voter(from);
        if (voter >= 0 && voter != configuration.ownVoter() && timeMs >= 0 && timeMs <= TIME_MS_MAX) {
            final long nowNs = clock.nanoTime();
            offsetMs[voter] = timeMs - ms(nowNs);
            toldNs[voter] = nowNs;
            told |= Configuration.bit(voter);
            updateReference(nowNs);
        }
    }

    /** With each heartbeat: reads the own clock, forgets what is old, and looks for an alarm. */
    void tick(final long nowNs, final long executedMs) {
        readOwn(nowNs);
        raiseFloor(executedMs, nowNs);
        if (configuration.size() == 1) {
            aheadMs = offsetMs[0] - referenceMs;
            referenceMs = aheadMs <= aheadMaxMs ? offsetMs[0] : referenceMs;
        } else {
            updateReference(nowNs);
            aheadMs = referenceMs == UNKNOWN ? 0 : offsetMs[configuration.ownVoter()] - referenceMs;
        }
        alarm(nowNs, executedMs);
    }

    /** Whether a value can be given a time: a majority has told its clocks, or there is a time to go on from. */
    boolean hasTime(final long executedMs) {
        return executedMs > 0 || referenceMs != UNKNOWN;
    }

    /** The time of a value that is proposed now, ms since 1970; {@code executedMs} is the time executed last. */
    long timeMs(final long nowNs, final long executedMs) {
        raiseFloor(executedMs, nowNs);
        final long floor = floorNow(nowNs);
        final long limit = referenceMs == UNKNOWN ? floor : Math.max(floor, referenceMs + ms(nowNs) + aheadMaxMs);
        return Math.max(executedMs, Math.min(clock.epochMillis(), limit));
    }

    /** How far the own wall clock is ahead of the reference, in ms; below 0 if it is behind; 0 if that is unknown. */
    long aheadMs() {
        return aheadMs;
    }

    ClockAlarm alarm() {
        return alarm;
    }

    private void readOwn(final long nowNs) {
        final int own = configuration.ownVoter();
        offsetMs[own] = Math.min(clock.epochMillis(), TIME_MS_MAX) - ms(nowNs);
        toldNs[own] = nowNs;
        told |= configuration.ownBit();
    }

    private void updateReference(final long nowNs) {
        if (configuration.size() == 1) {
            return;
        }
        int readings = 0;
        for (long rest = told; rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (nowNs - toldNs[voter] <= recentNs) {
                sorted[readings++] = offsetMs[voter];
            }
        }
        Arrays.sort(sorted, 0, readings);
        referenceMs = readings <= tooHighMax ? UNKNOWN : sorted[readings - 1 - tooHighMax];
    }

    /** Time can go on from what was executed. Only a higher one counts, so the floor keeps its fractions of a ms. */
    private void raiseFloor(final long executedMs, final long nowNs) {
        if (executedMs > floorNow(nowNs)) {
            floorMs = executedMs;
            floorNs = nowNs;
        }
    }

    /** Slower than time passes, so that a fast monotonic clock does not lead cluster time away from the others. */
    private long floorNow(final long nowNs) {
        final long passedNs = nowNs - floorNs;
        return floorMs + ms(passedNs - (passedNs >> SLOWER_SHIFT));
    }

    private void alarm(final long nowNs, final long executedMs) {
        final ClockAlarm before = alarm;
        // An alarm ends at half of what begins it, so that it does not come and go.
        final boolean wasAhead = before == ClockAlarm.OWN_CLOCK_AHEAD;
        final boolean wasClusterAhead = before == ClockAlarm.CLUSTER_TIME_AHEAD;
        final long clusterAheadMs = referenceMs == UNKNOWN ? 0 : executedMs - referenceMs - ms(nowNs);
        if (aheadMs > (wasAhead ? aheadMaxMs / 2 : aheadMaxMs)) {
            alarm = ClockAlarm.OWN_CLOCK_AHEAD;
        } else if (clusterAheadMs > (wasClusterAhead ? aheadMaxMs : 2 * aheadMaxMs)) {
            alarm = ClockAlarm.CLUSTER_TIME_AHEAD;
        } else {
            alarm = ClockAlarm.NONE;
        }
        if (alarm != before) {
            log(before, clusterAheadMs);
        }
    }

    private void log(final ClockAlarm before, final long clusterAheadMs) {
        switch (alarm) {
            case OWN_CLOCK_AHEAD ->
                LOGGER.warn(
                        "replica {}: its wall clock is {} ms ahead of what a majority of the members tell, and {} ms"
                                + " are allowed (clockAheadMaxMs). Cluster time does not follow it. Set the clock of"
                                + " this machine",
                        configuration.self(),
                        aheadMs,
                        aheadMaxMs);
            case CLUSTER_TIME_AHEAD ->
                LOGGER.warn(
                        "replica {}: cluster time is {} ms ahead of what a majority of the members tell. It stands"
                                + " still until their clocks get there, since it never falls. Compare the clocks of"
                                + " all machines",
                        configuration.self(),
                        clusterAheadMs);
            case NONE ->
                LOGGER.warn(
                        "replica {}: the alarm {} has ended, its wall clock is {} ms ahead of what a majority tells",
                        configuration.self(),
                        before,
                        aheadMs);
        }
    }

    private static long ms(final long ns) {
        return Math.floorDiv(ns, NANOS_PER_MS);
    }
}
