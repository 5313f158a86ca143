package io.paxos.execution;

import io.paxos.protocol.MultiPaxos;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Probe;
import org.agrona.DirectBuffer;

/** Reads chosen values from the log, in slot order and only when they are durable here, and has them executed. */
public final class Applier implements AcceptorLog.ValueReader {
    private static final int SLOTS_PER_RUN = 256;
    private static final int BYTES_PER_RUN = 1 << 20;

    private final AcceptorLog log;
    private final MultiPaxos core;
    private final Executor executor;
    private final ExecutionState state;
    private final PrefixComparison comparison;
    private final Probe probe;
    private final TurnBudget budget;
    private int bytes; // executed in this run
    private long allBytes; // executed in all runs; never falls

    /** An applier that tells {@code comparison} each slot that is compared. */
    public Applier(
            final AcceptorLog log,
            final MultiPaxos core,
            final Executor executor,
            final PrefixComparison comparison,
            final Probe probe,
            final TurnBudget budget) {
        this.log = log;
        this.core = core;
        this.executor = executor;
        this.comparison = comparison;
        this.probe = probe;
        this.budget = budget;
        state = executor.state();
    }

    /**
     * Applies what may be applied, but not so much at once that heartbeats wait. Returns the number of slots, and one
     * for a part of a slot.
     *
     * @param endsWithSlot whether to end behind the first slot that has been applied: a snapshot waits for a state
     *     without a part of a value
     */
    public int run(final boolean endsWithSlot) {
        int slots = 0;
        budget.begin();
        bytes = 0;
        if (lacksTrimmed()) {
            return 0;
        }
        while (slots < SLOTS_PER_RUN
                && bytes < BYTES_PER_RUN
                && !budget.isSpent()
                && !(endsWithSlot && slots > 0)
                && core.mayApply(state.appliedThrough() + 1)) {
            final long slot = state.appliedThrough() + 1;
            if (log.read(slot, this) != AcceptorLog.ReadResult.FOUND) {
                throw new IllegalStateException("slot " + slot + " is chosen but its value is not in the log");
            }
            if (state.appliedThrough() < slot) {
                return slots + 1;
            }
            if (PrefixComparison.isCompared(slot)) {
                comparison.reached(slot, state.valuesChecksum(), executor.repliesChecksum());
            }
            core.applied(slot);
            probe.applied(slot);
            slots++;
        }
        return slots;
    }

    /** Whether the next slot was trimmed from the log, so only a snapshot of another member has what is missing. */
    boolean lacksTrimmed() {
        return state.appliedThrough() + 1 < log.firstSlot();
    }

    /** How many bytes of values were executed since this replica was built. */
    public long executedBytes() {
        return allBytes;
    }

    @Override
    public void value(
            final long slot, final long ballot, final DirectBuffer value, final int offset, final int length) {
        bytes += length;
        if (executor.execute(slot, value, offset, length)) {
            allBytes += length;
        }
    }
}
