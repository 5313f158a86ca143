package io.paxos.execution;

/**
 * All that execution remembers between two slots, but for the state machine's own state: what a snapshot has to hold so
 * that another replica can go on with the next slot.
 *
 * <p>A function of the executed values alone, and so the same on all replicas that have applied the same slots. One
 * thread.
 */
public final class ExecutionState {
    final ExecutedCommands executed = new ExecutedCommands();
    final RunningChecksum values = new RunningChecksum(); // of the values of all slots through appliedThrough
    final RunningChecksum replies =
            new RunningChecksum(); // of their replies; of the slots alone if they are not compared
    private long appliedThrough; // all slots through this one have been executed, none above it; never falls
    private long timeMs; // the highest time of an executed value; never falls

    /** Every slot through this one has been applied; 0 at the start. */
    public long appliedThrough() {
        return appliedThrough;
    }

    /** Cluster time, ms since 1970: that of the last value applied. A leader never proposes an earlier one. */
    public long timeMs() {
        return timeMs;
    }

    /** The running CRC32C of all values through {@link #appliedThrough}. The same on all replicas. */
    public long valuesChecksum() {
        return values.value();
    }

    /** Whether this command has been executed, or can no longer be. */
    public boolean isExecuted(final int origin, final int incarnation, final long sequence) {
        return executed.isExecuted(origin, incarnation, sequence);
    }

    void advanceTime(final long valueTimeMs) {
        timeMs = Math.max(timeMs, valueTimeMs);
    }

    void applied(final long slot) {
        assert slot == appliedThrough + 1 : "slot=" + slot + " appliedThrough=" + appliedThrough;
        appliedThrough = slot;
    }
}
