package io.paxos.testkit.sim.schedule;

/** How often each {@link Situation} was seen. */
public final class Situations {
    private static final Situation[] ALL = Situation.values();

    private final long[] counts = new long[ALL.length];

    @SuppressWarnings("EnumOrdinal") // nothing outlives the process
    public void saw(final Situation situation) {
        counts[situation.ordinal()]++;
    }

    /** How often it was seen. */
    @SuppressWarnings("EnumOrdinal")
    public long count(final Situation situation) {
        return counts[situation.ordinal()];
    }

    /** Adds those of other runs. */
    public void add(final Situations other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        for (final Situation situation : ALL) {
            text.append(String.format("%12d  %s%n", count(situation), situation));
        }
        return text.toString();
    }
}
