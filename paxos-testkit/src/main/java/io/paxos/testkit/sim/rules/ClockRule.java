package io.paxos.testkit.sim.rules;

import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rule for cluster time: clocks that are wrong move it by no more than the bound while a majority is right.
 *
 * <p>Each member's clock counts with the highest time that it has ever shown, since what it told a while ago may still
 * be in use. With n members, n / 2 of them may be wrong.
 */
public final class ClockRule {
    public static final String FENCED = "cluster time is not ahead of a majority of the clocks by more than the bound";

    private static final long NANOS_PER_MS = 1_000_000;
    private static final long FASTER_PERCENT = 112; // what one clock may gain on another, twice 5 %, and a little
    private static final long ROUNDING_MS = 2;

    private static final class Shown {
        private final SimClock clock;
        private long highestMs; // that it has shown; goes on like the fastest clock
        private long restNs; // less than a ms that it has gone on beyond highestMs
        private long atNs; // when it showed that, in virtual time

        Shown(final SimClock clock) {
            this.clock = clock;
            highestMs = clock.epochMillis();
        }
    }

    private final EventQueue events;
    private final FirstViolation violations;
    private final long aheadMaxMs;
    private final List<Shown> members = new ArrayList<>();

    public ClockRule(final EventQueue events, final FirstViolation violations, final long aheadMaxMs) {
        this.events = events;
        this.violations = violations;
        this.aheadMaxMs = aheadMaxMs;
    }

    /** The clock of one more member. */
    public void add(final SimClock clock) {
        members.add(new Shown(clock));
    }

    /** Looks at all clocks. Called before and after one is set. */
    public void look() {
        for (final Shown shown : members) {
            final long passedNs = events.nowNs() - shown.atNs;
            final long goneNs = shown.restNs + passedNs * FASTER_PERCENT / 100;
            shown.highestMs = Math.max(shown.highestMs + goneNs / NANOS_PER_MS, shown.clock.epochMillis());
            shown.restNs = goneNs % NANOS_PER_MS;
            shown.atNs = events.nowNs();
        }
    }

    /** A command is executed at this cluster time. */
    public void executed(final long timeMs) {
        look();
        final long[] highest =
                members.stream().mapToLong(shown -> shown.highestMs).sorted().toArray();
        final long limitMs = highest[highest.length - 1 - highest.length / 2] + aheadMaxMs + ROUNDING_MS;
        if (timeMs > limitMs) {
            throw violations.broken(FENCED, "at most " + limitMs + " of " + Arrays.toString(highest), timeMs + " ms");
        }
    }
}
