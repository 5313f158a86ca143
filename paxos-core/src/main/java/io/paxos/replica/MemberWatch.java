package io.paxos.replica;

import io.paxos.Status;
import io.paxos.protocol.Configuration;
import io.paxos.protocol.MultiPaxos;
import io.paxos.protocol.ProtocolSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people want to know of the members: who answers, how far behind each is, how long its answers take. Looks once a
 * heartbeat, and logs what has changed.
 *
 * <p>A member that does not answer is told at once at level INFO, and at level WARN after 5, 10, 20, 40 s and so on.
 * The own catch-up begins when far more slots are known to be chosen than executed here, for longer than a moment, and
 * ends when a window is left. The round trip is too long for the settings if answers take {@code patienceRounds} rounds
 * for {@value #TIGHT_ROUNDS} looks in a row: each change of the delay can then look like the end of a member.
 *
 * <p>Example with heartbeats of 100 ms and patience 3: the answers of member 2 take 320 ms from now on. After one
 * second one line says so, and that a heartbeat of 200 ms would do.
 */
final class MemberWatch {
    private static final Logger LOGGER = LoggerFactory.getLogger(MemberWatch.class);
    private static final long OUT_OF_REACH_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int TIGHT_ROUNDS = 10;
    private static final int BEHIND_WINDOWS = 8; // with fewer, a replica is behind for a moment only

    private final Configuration configuration;
    private final int self;
    private final MultiPaxos core;
    private final ProtocolSettings settings;

    // The replica's thread only. By voter:
    private final long[] answeredNs; // when it was last known to answer; before the first time: when the first look was
    private final long[] warnAfterNs; // how long it may be silent before the next warning
    private boolean hasLooked;
    private int tightRounds; // -TIGHT_ROUNDS..TIGHT_ROUNDS: looks in a row with a long round trip; below 0: without one
    private int behindRounds; // looks in a row at which far more was known to be chosen than executed
    private long catchUpNs; // when the catch-up began; means nothing unless isCatchingUp

    // Written by the replica's thread, read by any.
    private volatile long answering; // voters that answer, the own one among them, a bit each
    private final AtomicLongArray chosenThrough; // by voter: what it has named last
    private final AtomicIntegerArray roundTripRounds; // by voter: of its last answer
    private volatile boolean isCatchingUp;
    private volatile String roundTripAlarm; // null unless the round trip is too long for the settings

    MemberWatch(final Configuration configuration, final MultiPaxos core, final ProtocolSettings settings) {
        this.configuration = configuration;
        self = configuration.self();
        this.core = core;
        this.settings = settings;
        final int size = configuration.size();
        answeredNs = new long[size];
        warnAfterNs = new long[size];
        answering = configuration.ownBit();
        chosenThrough = new AtomicLongArray(size);
        roundTripRounds = new AtomicIntegerArray(size);
    }

    /** The replica's thread, once a heartbeat. {@code appliedThrough}: every slot through this one is executed here. */
    void look(final long nowNs, final long appliedThrough) {
        final long now = core.connectedVoters();
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            if (!hasLooked) {
                answeredNs[voter] = nowNs;
                warnAfterNs[voter] = OUT_OF_REACH_NS;
            }
            lookAt(voter, Configuration.contains(now, voter), nowNs);
            chosenThrough.lazySet(voter, core.chosenThrough(voter));
            roundTripRounds.lazySet(voter, core.roundTripRounds(voter));
        }
        hasLooked = true;
        chosenThrough.lazySet(configuration.ownVoter(), core.chosenThrough());
        if (answering != now) {
            answering = now;
        }
        lookAtRoundTrip();
        lookAtCatchUp(nowNs, highest() - appliedThrough);
    }

    /** Whether far more is known to be chosen than executed here. Any thread. */
    boolean isCatchingUp() {
        return isCatchingUp;
    }

    /** What is to be changed because answers take too long; null if they do not. Any thread. */
    String roundTripAlarm() {
        return roundTripAlarm;
    }

    /** Any thread. */
    List<Status.Member> members() {
        final long highest = highest();
        final List<Status.Member> members = new ArrayList<>();
        for (int voter = 0; voter < configuration.size(); voter++) {
            members.add(new Status.Member(
                    configuration.id(voter),
                    Configuration.contains(answering, voter),
                    highest - chosenThrough.get(voter),
                    roundTripRounds.get(voter)));
        }
        return List.copyOf(members);
    }

    private long highest() {
        long highest = 0;
        for (int voter = 0; voter < configuration.size(); voter++) {
            highest = Math.max(highest, chosenThrough.get(voter));
        }
        return highest;
    }

    private void lookAt(final int voter, final boolean isAnswering, final long nowNs) {
        final boolean wasAnswering = Configuration.contains(answering, voter);
        final long silentNs = nowNs - answeredNs[voter];
        final int id = configuration.id(voter);
        if (isAnswering) {
            answeredNs[voter] = nowNs;
            warnAfterNs[voter] = OUT_OF_REACH_NS;
            if (!wasAnswering) {
                LOGGER.info("replica {}: replica {} answers, after {} ms", self, id, millis(silentNs));
            }
        } else if (wasAnswering) {
            LOGGER.info("replica {}: replica {} does not answer any more", self, id);
        } else if (silentNs >= warnAfterNs[voter]) {
            warnAfterNs[voter] = 2 * warnAfterNs[voter];
            LOGGER.warn(
                    "replica {}: replica {} has been out of reach for {} s; {} of {} members answer: check its process,"
                            + " and the network between the two",
                    self,
                    id,
                    TimeUnit.NANOSECONDS.toSeconds(silentNs),
                    core.connected(),
                    configuration.size());
        }
    }

    private void lookAtRoundTrip() {
        final boolean isTight = core.roundTripRounds() >= settings.patienceRounds();
        tightRounds = isTight ? Math.max(0, tightRounds) + 1 : Math.min(0, tightRounds) - 1;
        tightRounds = Math.max(-TIGHT_ROUNDS, Math.min(TIGHT_ROUNDS, tightRounds));
        if (tightRounds == TIGHT_ROUNDS && roundTripAlarm == null) {
            final String alarm = tooTight();
            roundTripAlarm = alarm;
            LOGGER.warn("replica {}: {}", self, alarm);
        } else if (tightRounds == -TIGHT_ROUNDS && roundTripAlarm != null) {
            roundTripAlarm = null;
            LOGGER.info("replica {}: the round trip fits the settings again", self);
        }
    }

    /** The slowest member, the figures, and settings with which its answers take two thirds of the patience. */
    private String tooTight() {
        int slowest = configuration.ownVoter();
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            final boolean isAnswering = Configuration.contains(core.connectedVoters(), voter);
            if (isAnswering && core.roundTripRounds(voter) > core.roundTripRounds(slowest)) {
                slowest = voter;
            }
        }
        final int rounds = core.roundTripRounds(slowest) + 1;
        final long intervalMs = millis(settings.heartbeatIntervalNs());
        final long neededMs =
                (3L * rounds * intervalMs + 2L * settings.patienceRounds() - 1) / (2L * settings.patienceRounds());
        return "answers of replica " + configuration.id(slowest) + " take up to " + rounds * intervalMs
                + " ms, which is no less than the patience of " + settings.patienceRounds() + " heartbeats of "
                + intervalMs + " ms: set heartbeatIntervalNs to " + neededMs + " ms or more on every member";
    }

    private void lookAtCatchUp(final long nowNs, final long behind) {
        final boolean isFarBehind = behind > (long) BEHIND_WINDOWS * settings.windowSlots();
        behindRounds = isFarBehind ? Math.min(behindRounds + 1, settings.patienceRounds() + 1) : 0;
        if (!isCatchingUp && behindRounds > settings.patienceRounds()) {
            isCatchingUp = true;
            catchUpNs = nowNs;
            LOGGER.info("replica {} catches up: {} slots behind", self, behind);
        } else if (isCatchingUp && behind <= settings.windowSlots()) {
            isCatchingUp = false;
            LOGGER.info("replica {} has caught up, in {} ms", self, millis(nowNs - catchUpNs));
        }
    }

    private static long millis(final long durationNs) {
        return TimeUnit.NANOSECONDS.toMillis(durationNs);
    }
}
