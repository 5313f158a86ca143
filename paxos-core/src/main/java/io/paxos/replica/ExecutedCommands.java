package io.paxos.replica;

import java.util.Arrays;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Remembers which commands have been executed, so that one that was chosen in two slots is executed once.
 *
 * <p>A replica that gets no answer gives its commands out again, to the same leader or the next, under their old names; so
 * the same command may be chosen twice. Per origin this keeps the last {@link #WINDOW} sequence numbers of its latest
 * incarnation. What is older counts as executed: an origin never has more than a window open. The answer depends on the log
 * alone and is the same everywhere.
 *
 * @see <a href="https://www.cs.cornell.edu/courses/cs7412/2011sp/paxos.pdf">Paxos Made Moderately Complex, 2.1 (perform)</a>
 */
final class ExecutedCommands {
    /** The same on all replicas, for ever: part of what a log means. */
    static final int WINDOW = 1 << 15;

    private static final class Origin {
        private final long[] bits = new long[WINDOW / Long.SIZE];
        private int incarnation;
        private long highest;

        boolean isNew(final int itsIncarnation, final long sequence) {
            if (itsIncarnation < incarnation) {
                return false;
            }
            if (itsIncarnation > incarnation) {
                incarnation = itsIncarnation;
                highest = 0;
                Arrays.fill(bits, 0);
            }
            if (sequence == highest + 1) { // as nearly always
                highest = sequence;
                bits[word(sequence)] |= 1L << sequence;
                return true;
            }
            if (sequence <= highest - WINDOW) {
                return false;
            }
            final long clearFrom = Math.max(highest + 1, sequence - WINDOW + 1);
            for (long s = clearFrom; s <= sequence; s++) {
                bits[word(s)] &= ~(1L << s);
            }
            highest = Math.max(highest, sequence);
            final boolean isNew = (bits[word(sequence)] & 1L << sequence) == 0;
            bits[word(sequence)] |= 1L << sequence;
            return isNew;
        }

        boolean isExecuted(final int itsIncarnation, final long sequence) {
            if (itsIncarnation != incarnation) {
                return itsIncarnation < incarnation;
            }
            return sequence <= highest
                    && (sequence <= highest - WINDOW || (bits[word(sequence)] & 1L << sequence) != 0);
        }

        private static int word(final long sequence) {
            return (int) (sequence / Long.SIZE) & WINDOW / Long.SIZE - 1;
        }
    }

    private final Int2ObjectHashMap<Origin> origins = new Int2ObjectHashMap<>();
    private int latest; // whose command was executed last; the next one in the batch most likely is of the same
    private Origin ofLatest;

    /** Whether this command has been executed, or can no longer be. Changes nothing. */
    boolean isExecuted(final int origin, final int incarnation, final long sequence) {
        final Origin known = origins.get(origin);
        return known != null && known.isExecuted(incarnation, sequence);
    }

    /** Whether this command has not been executed yet; from now on it counts as executed. */
    boolean isNew(final int origin, final int incarnation, final long sequence) {
        if (ofLatest == null || origin != latest) {
            ofLatest = origins.computeIfAbsent(origin, unseen -> new Origin());
            latest = origin;
        }
        return ofLatest.isNew(incarnation, sequence);
    }
}
