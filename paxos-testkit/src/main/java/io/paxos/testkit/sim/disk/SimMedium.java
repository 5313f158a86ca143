package io.paxos.testkit.sim.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The medium of a {@link SimDisk}: records, which damage can change, and a watermark in a separate place.
 *
 * <p>It reads like the production log. A record is valid if its checksum and its number match. The log is the longest
 * run of valid records from the first one. It is refused if that run is shorter than what was durable once. Only
 * damaged records have an image in bytes.
 */
final class SimMedium {
    /**
     * A promise ({@code value} is -1; slot 0 stands for all slots), or an accepted value.
     *
     * @param durable how many records were durable when this one was written
     */
    record Entry(long ballot, long slot, long chosenThrough, int value, int durable) {
        boolean isPromise() {
            return value < 0;
        }
    }

    /**
     * What was given up, in a file of its own: slots below {@code firstSlot}, and records below number {@code records}.
     * What those said of other slots stands in it.
     */
    record Mark(long firstSlot, int records, long promised, long chosenThrough) {}

    static final int RECORD_BYTES = 40;
    static final int BALLOT_OFFSET = 8; // a ballot is never 0, so a record that is torn before it is invalid

    private static final int WATERMARK_LAG_MAX = 16; // in records
    private static final int NUMBER_OFFSET = 4; // after the checksum
    private static final int SLOT_OFFSET = 16;
    private static final int CHOSEN_OFFSET = 24;
    private static final int VALUE_OFFSET = 32;
    private static final int DURABLE_OFFSET = 36;

    private final List<Entry> entries = new ArrayList<>(); // by number, as they were written
    private final Int2ObjectHashMap<byte[]> images = new Int2ObjectHashMap<>(); // damaged records, by number
    private final CRC32C crc32c = new CRC32C();
    private int watermark; // at least this many records were durable once; never falls
    private Mark mark = new Mark(1, 0, 0, 0); // durable

    SimMedium copied() {
        final SimMedium copy = new SimMedium();
        copy.entries.addAll(entries);
        copy.images.putAll(images); // an image is never modified
        copy.watermark = watermark;
        copy.mark = mark;
        return copy;
    }

    Mark mark() {
        return mark;
    }

    /** The mark is durable. The records below it are gone. */
    void mark(final Mark newMark) {
        for (int number = mark.records; number < newMark.records; number++) {
            entries.set(number, null);
            images.remove(number);
        }
        mark = newMark;
    }

    int size() {
        return entries.size();
    }

    /** The record as it was written. */
    Entry written(final int number) {
        return entries.get(number);
    }

    void append(final Entry entry) {
        entries.add(entry);
    }

    /** {@code count} records are durable. Moves the watermark now and then, like the production log. */
    void durable(final int count) {
        if (count - watermark >= WATERMARK_LAG_MAX) {
            watermark = count;
        }
    }

    /** The record as it can be read; null if it is invalid. */
    Entry read(final int number) {
        final byte[] image = images.get(number);
        return image == null ? entries.get(number) : decoded(number, image);
    }

    /** At least this many records were durable once. */
    int watermark() {
        return watermark;
    }

    /**
     * How many records cannot be lost unnoticed, if {@code durable} records are left: the last of these or the
     * watermark shows the loss.
     */
    int provablyDurable(final int durable) {
        final int known = Math.max(watermark, mark.records);
        return durable <= mark.records ? known : Math.max(known, entries.get(durable - 1).durable);
    }

    /** The process is about to start. Keeps the longest valid run of records, and returns its length. */
    int recover() {
        int run = Math.min(mark.records, entries.size());
        int known = Math.max(watermark, mark.records);
        for (int number = run; number < entries.size(); number++) {
            final Entry entry = read(number);
            if (entry != null) {
                known = Math.max(known, entry.durable);
                run += run == number ? 1 : 0;
            }
        }
        if (run < known) {
            throw new RefusedLogException(
                    "records from " + run + " on are damaged or missing although they were durable through " + known);
        }
        truncate(run);
        return run;
    }

    /** Flips one bit of a record. */
    void flip(final int number, final int bit) {
        final byte[] image = image(number).clone();
        image[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        images.put(number, image);
    }

    /** Keeps only the first {@code bytes} bytes of a record; 0 keeps none. */
    void tear(final int number, final int bytes) {
        final byte[] image = image(number);
        final byte[] torn = new byte[RECORD_BYTES];
        System.arraycopy(image, 0, torn, 0, bytes);
        images.put(number, torn);
    }

    /** Removes the records from {@code fromNumber} up to {@code limit}. Later records stay. */
    void lose(final int fromNumber, final int limit) {
        for (int number = fromNumber; number < limit; number++) {
            tear(number, 0);
        }
    }

    /** Removes all records from number {@code count} on. Only the watermark shows that they existed. */
    void truncate(final int count) {
        for (int number = count; number < entries.size(); number++) {
            images.remove(number);
        }
        entries.subList(count, entries.size()).clear();
    }

    private byte[] image(final int number) {
        final byte[] before = images.get(number);
        if (before != null) {
            return before;
        }
        final Entry entry = entries.get(number);
        final byte[] bytes = new byte[RECORD_BYTES];
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putInt(NUMBER_OFFSET, number);
        buffer.putLong(BALLOT_OFFSET, entry.ballot);
        buffer.putLong(SLOT_OFFSET, entry.slot);
        buffer.putLong(CHOSEN_OFFSET, entry.chosenThrough);
        buffer.putInt(VALUE_OFFSET, entry.value);
        buffer.putInt(DURABLE_OFFSET, entry.durable);
        buffer.putInt(0, crc(bytes));
        return bytes;
    }

    private Entry decoded(final int number, final byte[] bytes) {
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        if (buffer.getInt(0) != crc(bytes) || buffer.getInt(NUMBER_OFFSET) != number) {
            return null;
        }
        return new Entry(
                buffer.getLong(BALLOT_OFFSET),
                buffer.getLong(SLOT_OFFSET),
                buffer.getLong(CHOSEN_OFFSET),
                buffer.getInt(VALUE_OFFSET),
                buffer.getInt(DURABLE_OFFSET));
    }

    private int crc(final byte[] bytes) {
        crc32c.reset();
        crc32c.update(bytes, NUMBER_OFFSET, RECORD_BYTES - NUMBER_OFFSET);
        return (int) crc32c.getValue();
    }
}
