package io.paxos.testkit.sim.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The medium of a {@link SimDisk}: records, of which damage may have changed the bytes, and a watermark kept apart from them.
 *
 * <p>It reads as the product's own log does: a record is believed if its checksum holds and it is the one that was asked
 * for; the log is the longest unbroken run of such records; and it is refused if that run ends before what was once durable.
 * Only records that damage has touched are ever turned into bytes.
 */
final class SimMedium {
    /**
     * A promise ({@code value} is -1; slot 0 stands for all slots), or an accepted value.
     *
     * @param durable how many records were durable when this one was written: what a later record vouches for
     */
    record Entry(long ballot, long slot, long chosenThrough, int value, int durable) {
        boolean isPromise() {
            return value < 0;
        }
    }

    static final int RECORD_BYTES = 40;
    static final int BALLOT_OFFSET = 8; // of what is never 0: a record torn before it is not sound

    private static final int WATERMARK_LAG_MAX = 16; // records
    private static final int NUMBER_OFFSET = 4; // behind the checksum
    private static final int SLOT_OFFSET = 16;
    private static final int CHOSEN_OFFSET = 24;
    private static final int VALUE_OFFSET = 32;
    private static final int DURABLE_OFFSET = 36;

    private final List<Entry> entries = new ArrayList<>(); // as they were written
    private final Int2ObjectHashMap<byte[]> images = new Int2ObjectHashMap<>(); // as they are, where that differs
    private final CRC32C crc32c = new CRC32C();
    private int watermark; // so many records were durable once

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

    /** So many records are durable now; noted lazily. */
    void durable(final int count) {
        if (count - watermark >= WATERMARK_LAG_MAX) {
            watermark = count;
        }
    }

    /** The record as the medium gives it; null if it is not sound. */
    Entry read(final int number) {
        final byte[] image = images.get(number);
        return image == null ? entries.get(number) : decoded(number, image);
    }

    /** So many records were durable once, for sure: noted apart from them. */
    int watermark() {
        return watermark;
    }

    /** Of so many records a loss would be noticed, if {@code durable} are: the last of these tells, or the watermark. */
    int vouched(final int durable) {
        return durable == 0 ? watermark : Math.max(watermark, entries.get(durable - 1).durable);
    }

    /** The process dies, or is about to be started: what the log says, which is all that it is from now on. */
    int recover() {
        int run = 0;
        int known = watermark;
        for (int number = 0; number < entries.size(); number++) {
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

    /** One bit of a record is another one from now on. */
    void flip(final int number, final int bit) {
        final byte[] image = image(number);
        image[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        images.put(number, image);
    }

    /** Only the first bytes of a record have reached the medium; with 0 none has. */
    void tear(final int number, final int bytes) {
        final byte[] image = image(number);
        final byte[] torn = new byte[RECORD_BYTES];
        System.arraycopy(image, 0, torn, 0, bytes);
        images.put(number, torn);
    }

    /** Records are gone, and those behind them are not. */
    void lose(final int fromNumber, final int limit) {
        for (int number = fromNumber; number < limit; number++) {
            tear(number, 0);
        }
    }

    /** Records from here on are gone, and nothing shows that they were there but the watermark. */
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
