package io.paxos.execution;

import io.paxos.spi.Clock;

/**
 * The time that one turn may spend on executing commands, so that voting, hearing and outcomes by their deadline go on.
 *
 * <p>Reads the clock after each command that is slow, and after every eighth one that is fast. Example: the limit is 5
 * ms. Commands of 1 us are executed by thousands in a turn, and commands of 3 ms two in a turn.
 *
 * <p>The replica's thread only.
 */
public final class TurnBudget {
    private static final int STRIDE_MAX = 8;
    private static final int FAST_SHARE = 64; // commands of a stride that took less than this part of it are fast

    private final Clock clock;
    private final long limitNs;
    private long lookedNs; // when the clock was read last
    private long endNs; // when this turn has spent its time
    private int stride = 1; // 1..STRIDE_MAX: commands from one look at the clock to the next
    private int commands; // 0..stride-1: since the last look
    private boolean isSpent;

    /** A budget of {@code limitNs} in each turn. A single command may take longer. */
    public TurnBudget(final Clock clock, final long limitNs) {
        this.clock = clock;
        this.limitNs = limitNs;
        begin();
    }

    /** A turn begins. */
    void begin() {
        lookedNs = clock.nanoTime();
        endNs = lookedNs + limitNs;
        commands = 0;
        isSpent = false;
    }

    /** A command has been executed. Returns whether this turn must execute no more. */
    boolean isSpentAfterCommand() {
        if (++commands < stride) {
            return false;
        }
        commands = 0;
        final long nowNs = clock.nanoTime();
        stride = nowNs - lookedNs < limitNs / FAST_SHARE ? Math.min(STRIDE_MAX, 2 * stride) : 1;
        lookedNs = nowNs;
        isSpent = nowNs - endNs >= 0;
        return isSpent;
    }

    boolean isSpent() {
        return isSpent;
    }
}
