package io.paxos.execution;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Remembers which commands have been executed, so that a command that was chosen in two slots is executed once.
 *
 * <p>A replica without an answer dispatches its commands again under their old names, to the same leader or to the next
 * one. So the same command may be chosen twice. For each origin this keeps one bit for each of the last {@link #WINDOW}
 * sequence numbers of the origin's latest incarnation. An older command counts as executed, because an origin never has
 * more than a window of commands open. The answers depend on the executed commands alone, so they are the same on all
 * replicas.
 *
 * <p>Example for one origin, with a window of 32,768 and {@code highest} 40,000: the window is 7,233..40,000.
 *
 * <ul>
 *   <li>7,232 is below the window: it counts as executed.
 *   <li>7,233 is in the window: its bit, number 7,233, tells.
 *   <li>40,002 is new. The window becomes 7,235..40,002. 40,001 and 40,002 take over the bits 7,233 and 7,234 (40,001 =
 *       7,233 + 32,768): both are cleared, then the bit of 40,002 is set. Without an order, 40,001 is still
 *       new when it comes.
 *   <li>A command of the next incarnation clears all bits. From then on each command of this incarnation counts as
 *       executed.
 * </ul>
 *
 * <p>Commands of one origin and incarnation are executed in the order of their sequences. One that comes before the
 * command that it names as its predecessor is not executed, and its origin dispatches it again. One that comes after a
 * later one is not executed at all: its origin has given it up.
 *
 * <p>One thread. Memory: 4 KiB for each origin, so 256 KiB for 64 members.
 *
 * @see <a href="https://www.cs.cornell.edu/courses/cs7412/2011sp/paxos.pdf">Paxos Made Moderately Complex, 2.1
 *     (perform)</a>
 */
public final class ExecutedCommands {
    /** How many commands of one origin are told apart. The same on all replicas, for ever: part of what a log means. */
    public static final int WINDOW = 1 << 15;

    private static final int WORDS = WINDOW / Long.SIZE;
    private static final int COUNT_LENGTH = Integer.BYTES;
    private static final int HIGHEST_OFFSET = 8;
    private static final int BITS_OFFSET = 16;
    private static final int ORIGIN_LENGTH = BITS_OFFSET + WORDS * Long.BYTES;

    private static final class Origin {
        /**
         * For each sequence s from {@code highest - WINDOW + 1} through {@code highest}, bit {@code s mod WINDOW} is
         * set if s was executed.
         */
        private final long[] bits = new long[WORDS];

        private int incarnation; // the latest of which a command was executed; never falls
        private long highest; // the highest executed sequence of this incarnation; 0 if none

        /** The highest executed sequence of this incarnation. */
        long highest(final int itsIncarnation) {
            return itsIncarnation < incarnation ? Long.MAX_VALUE : itsIncarnation > incarnation ? 0 : highest;
        }

        boolean isNew(final int itsIncarnation, final long sequence, final boolean isOrdered) {
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
            if (sequence <= highest - WINDOW || (isOrdered && sequence <= highest)) {
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
            return (int) (sequence / Long.SIZE) & WORDS - 1;
        }
    }

    private final Int2ObjectHashMap<Origin> origins = new Int2ObjectHashMap<>();
    private int latest; // the origin of the last executed command; most likely that of the next one too
    private Origin ofLatest; // its entry; null before the first command

    /**
     * Whether this command has been executed, or is too old to be. False for one with an order that a later one has
     * overtaken, although it will not be executed. Changes nothing.
     */
    public boolean isExecuted(final int origin, final int incarnation, final long sequence) {
        final Origin known = origins.get(origin);
        return known != null && known.isExecuted(incarnation, sequence);
    }

    /** Whether the command comes before the one that must be executed before it. Changes nothing. */
    public boolean isEarly(final int origin, final int incarnation, final long sequence, final int order) {
        if (order <= 0) {
            return false;
        }
        final Origin known = origin == latest && ofLatest != null ? ofLatest : origins.get(origin);
        return sequence - order > (known == null ? 0 : known.highest(incarnation));
    }

    /**
     * Whether this command has not been executed yet, and no later one if it has an order; from now on it counts as
     * executed. Not if it {@link #isEarly}. {@code sequence} >= 1.
     */
    public boolean isNew(final int origin, final int incarnation, final long sequence, final int order) {
        assert sequence > 0 : "sequence=" + sequence;
        assert !isEarly(origin, incarnation, sequence, order) : "sequence=" + sequence + " order=" + order;
        if (ofLatest == null || origin != latest) {
            ofLatest = origins.computeIfAbsent(origin, unseen -> new Origin());
            latest = origin;
        }
        return ofLatest.isNew(incarnation, sequence, order != 0);
    }

    /** How many bytes {@link #writeTo} writes: 4, and 4,112 for each origin. */
    public int encodedLength() {
        return COUNT_LENGTH + origins.size() * ORIGIN_LENGTH;
    }

    /**
     * Writes all of it at {@code offset}: the number of origins (int), then for each origin, the lowest first, its id
     * (int), incarnation (int), highest sequence (long) and 512 longs of bits. Little endian. Replicas that executed
     * the same commands write the same bytes.
     *
     * @return the number of bytes written, {@link #encodedLength}
     */
    public int writeTo(final MutableDirectBuffer buffer, final int offset) {
        buffer.putInt(offset, origins.size());
        int at = offset + COUNT_LENGTH;
        for (final int id :
                origins.keySet().stream().mapToInt(Integer::intValue).sorted().toArray()) {
            final Origin origin = origins.get(id);
            buffer.putInt(at, id);
            buffer.putInt(at + Integer.BYTES, origin.incarnation);
            buffer.putLong(at + HIGHEST_OFFSET, origin.highest);
            for (int word = 0; word < WORDS; word++) {
                buffer.putLong(at + BITS_OFFSET + word * Long.BYTES, origin.bits[word]);
            }
            at += ORIGIN_LENGTH;
        }
        return at - offset;
    }

    /**
     * Replaces all of it by what {@link #writeTo} wrote: {@code length} bytes at {@code offset}.
     *
     * @throws IllegalArgumentException if these bytes are something else; then nothing has changed
     */
    public void readFrom(final DirectBuffer buffer, final int offset, final int length) {
        final int count = length < COUNT_LENGTH ? -1 : buffer.getInt(offset);
        if (count < 0 || COUNT_LENGTH + (long) count * ORIGIN_LENGTH != length) {
            throw new IllegalArgumentException(
                    length + " bytes are not the executed commands of " + count + " origins");
        }
        int at = offset + COUNT_LENGTH;
        for (int i = 0; i < count; i++) {
            requireOrigin(buffer, at, i == 0 ? 0 : buffer.getInt(at - ORIGIN_LENGTH));
            at += ORIGIN_LENGTH;
        }
        origins.clear();
        ofLatest = null;
        for (at = offset + COUNT_LENGTH; at < offset + length; at += ORIGIN_LENGTH) {
            final Origin origin = new Origin();
            origin.incarnation = buffer.getInt(at + Integer.BYTES);
            origin.highest = buffer.getLong(at + HIGHEST_OFFSET);
            for (int word = 0; word < WORDS; word++) {
                origin.bits[word] = buffer.getLong(at + BITS_OFFSET + word * Long.BYTES);
            }
            origins.put(buffer.getInt(at), origin);
        }
    }

    private static void requireOrigin(final DirectBuffer buffer, final int at, final int before) {
        final int id = buffer.getInt(at);
        final int incarnation = buffer.getInt(at + Integer.BYTES);
        final long highest = buffer.getLong(at + HIGHEST_OFFSET);
        if (id <= before || incarnation < 1 || highest < 1) {
            throw new IllegalArgumentException("not the executed commands of an origin: id=" + id + " after " + before
                    + ", incarnation=" + incarnation + " highest=" + highest);
        }
    }
}
