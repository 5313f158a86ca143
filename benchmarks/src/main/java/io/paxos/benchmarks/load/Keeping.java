package io.paxos.benchmarks.load;

/**
 * What each replica of ours keeps, as in {@code Replica.Builder}.
 *
 * @param snapshotBytes a snapshot after this many bytes of values, and no fewer than the last one has; 0 for none
 * @param logTailBytes what stays of the log behind the newest snapshot
 * @param maxLogBytes the budget of the log; 0 for none
 * @param stateBytes of the state machine's state beside its counter
 */
public record Keeping(long snapshotBytes, long logTailBytes, long maxLogBytes, long stateBytes) {
    private static final long MEBIBYTE = 1 << 20;
    private static final long SEGMENT_BYTES_MAX = 64 * MEBIBYTE;
    private static final long LOG_BYTES_MIN = 64 * MEBIBYTE;
    private static final long STATE_BYTES_MAX = 1024 * MEBIBYTE;
    private static final int BUDGET_SHARES = 8;

    /** The defaults of a replica, and nothing beside the counter. */
    static final Keeping DEFAULT = new Keeping(64 * MEBIBYTE, 64 * MEBIBYTE, 0, 0);

    /** Checks every number; throws {@link Misuse}. */
    public Keeping {
        require(snapshotBytes >= 0, "--snapshot-bytes must be 0 (none) or more", snapshotBytes);
        require(
                maxLogBytes == 0 || maxLogBytes >= LOG_BYTES_MIN,
                "--log-budget-bytes must be 0 (none) or at least " + LOG_BYTES_MIN,
                maxLogBytes);
        require(logTailBytes >= 0, "--log-tail-bytes must be 0 or more", logTailBytes);
        require(
                maxLogBytes == 0 || logTailBytes <= maxLogBytes / 2,
                "--log-tail-bytes must be at most half of --log-budget-bytes",
                logTailBytes);
        require(
                stateBytes >= 0 && stateBytes <= STATE_BYTES_MAX,
                "--state-bytes must be 0.." + STATE_BYTES_MAX,
                stateBytes);
    }

    /** These numbers, with a tail that fits the budget if none is given. */
    static Keeping of(
            final long snapshotBytes, final Long logTailBytes, final long maxLogBytes, final long stateBytes) {
        final long tail = maxLogBytes > 0 ? maxLogBytes / BUDGET_SHARES : DEFAULT.logTailBytes;
        return new Keeping(snapshotBytes, logTailBytes != null ? logTailBytes : tail, maxLogBytes, stateBytes);
    }

    /** The size of the log's segments: several fit the budget. */
    int segmentBytes() {
        return (int) (maxLogBytes == 0 ? SEGMENT_BYTES_MAX : Math.min(SEGMENT_BYTES_MAX, maxLogBytes / BUDGET_SHARES));
    }

    private static void require(final boolean holds, final String rule, final long actual) {
        if (!holds) {
            throw new Misuse(rule + ", not " + actual);
        }
    }
}
