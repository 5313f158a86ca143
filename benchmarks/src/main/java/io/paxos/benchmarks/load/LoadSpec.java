package io.paxos.benchmarks.load;

/**
 * What a client sends to a cluster, and for how long.
 *
 * @param payloadBytes length of each command, at least 8
 * @param inFlight how many operations of a closed loop wait for their reply at any time
 * @param ratePerS operations per second of an open loop, which sends by the clock; 0 for a closed loop
 * @param readPercent how many of a hundred operations are linearizable reads
 * @param warmupNs how long to load before counting
 * @param windowNs how long to count
 */
public record LoadSpec(int payloadBytes, int inFlight, long ratePerS, int readPercent, long warmupNs, long windowNs) {
    /** How many operations may wait for their reply at most; the bound of an open loop. */
    static final int OUTSTANDING_MAX = 8192;

    private static final int PAYLOAD_MAX = 1 << 20;

    /** Checks every number; throws {@link Misuse}. */
    public LoadSpec {
        require(
                payloadBytes >= Long.BYTES && payloadBytes <= PAYLOAD_MAX,
                "--payload must be 8..1048576",
                payloadBytes);
        require(inFlight >= 1 && inFlight <= OUTSTANDING_MAX, "--in-flight must be 1.." + OUTSTANDING_MAX, inFlight);
        require(ratePerS >= 0 && ratePerS <= 10_000_000, "--rate must be 0..10000000 per second", ratePerS);
        require(readPercent >= 0 && readPercent <= 100, "--read-share must be 0..100 percent", readPercent);
        require(warmupNs >= 0, "--warmup-seconds must not be negative", warmupNs);
        require(windowNs > 0, "--seconds must be positive", windowNs);
    }

    /** The words on one line that {@link #of} reads. */
    String line() {
        return "load " + payloadBytes + " " + inFlight + " " + ratePerS + " " + readPercent + " " + warmupNs + " "
                + windowNs;
    }

    static LoadSpec of(final String[] words) {
        return new LoadSpec(
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                Long.parseLong(words[3]),
                Integer.parseInt(words[4]),
                Long.parseLong(words[5]),
                Long.parseLong(words[6]));
    }

    boolean isOpen() {
        return ratePerS > 0;
    }

    /** How many operations may wait for their reply at any time. */
    public int outstandingMax() {
        return isOpen() ? OUTSTANDING_MAX : inFlight;
    }

    /** Whether the operation of this sequence is a read. Reads are spread evenly. */
    boolean isRead(final long sequence) {
        return sequence * readPercent / 100 != (sequence - 1) * readPercent / 100;
    }

    private static void require(final boolean holds, final String rule, final long actual) {
        if (!holds) {
            throw new Misuse(rule + ", not " + actual);
        }
    }
}
