package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.execution.Snapshots;
import io.paxos.spi.AcceptorLog;

/**
 * How many bytes the log may have. From three quarters on, snapshots are written early, so that more can be trimmed. At
 * the budget a leader proposes no new command. While the disk is full, no replica takes one. Votes go on, because the
 * other members count on them. So does what leads to room: execution, snapshots, trimming.
 *
 * <p>The replica's thread only.
 */
final class LogBudget {
    private static final int NEAR_OF_FOUR = 3;
    private static final long NEAR_URGENCY = 8;

    private final AcceptorLog log;
    private final Snapshots snapshots;
    private final long maxLogBytes; // 0 for no budget

    LogBudget(final AcceptorLog log, final Snapshots snapshots, final long maxLogBytes) {
        this.log = log;
        this.snapshots = snapshots;
        this.maxLogBytes = maxLogBytes;
    }

    /** How many times earlier than usual a snapshot should be written. */
    long urgency() {
        if (maxLogBytes == 0 || log.bytes() < maxLogBytes / 4 * NEAR_OF_FOUR) {
            return 1;
        }
        return isBudgetSpent() ? Long.MAX_VALUE : NEAR_URGENCY;
    }

    /** Whether no new command may be proposed. */
    boolean isSpent() {
        return isBudgetSpent() || isDiskFull();
    }

    /** Whether the log has no space but for votes. */
    boolean isDiskFull() {
        return log.isFull();
    }

    private boolean isBudgetSpent() {
        return maxLogBytes > 0 && log.bytes() >= maxLogBytes;
    }

    /** Why not, and what to do. */
    Outcome.NotChosen refusal() {
        final String text = !isBudgetSpent()
                ? "the disk of this replica is full: it takes no commands before there is space again"
                : "the log has " + log.bytes() + " bytes, its budget is " + maxLogBytes
                        + ": nothing is proposed before a" + " snapshot lets it be trimmed (snapshots: "
                        + snapshots.text() + ")";
        return new Outcome.NotChosen(Reason.FULL, text);
    }
}
