package io.paxos.testkit.sim.schedule;

/**
 * Random numbers that are the same on every machine and in every version: SplitMix64, one {@code long} of state.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 *     Generators, 2014</a>
 */
public final class SimRandom {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private long state;

    public SimRandom(final long seed) {
        state = mix(seed);
    }

    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** 0..bound-1. */
    public int below(final int bound) {
        assert bound > 0 : "bound=" + bound;
        return (int) (((nextLong() >>> Integer.SIZE) * bound) >>> Integer.SIZE);
    }

    /** {@code from..through}, both inclusive. */
    public long between(final long from, final long through) {
        assert from <= through : "from=" + from + " through=" + through;
        return from + Long.remainderUnsigned(nextLong(), through - from + 1);
    }

    /** True {@code perMillion} times in a million. */
    public boolean chance(final int perMillion) {
        return perMillion > 0 && below(1_000_000) < perMillion;
    }

    /** Exponentially distributed with this mean; at most 20 times the mean. */
    public long exponential(final long mean) {
        final double unit = ((nextLong() >>> 11) + 1) * UNIT;
        return (long) (mean * Math.min(20, -StrictMath.log(unit)));
    }

    /** Another generator. Its numbers are independent of the later numbers of this one. */
    public SimRandom split() {
        return new SimRandom(nextLong());
    }

    public static long mix(final long number) {
        long z = number;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
