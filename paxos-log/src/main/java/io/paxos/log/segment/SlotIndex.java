package io.paxos.log.segment;

import java.util.Arrays;
import org.agrona.BufferUtil;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the records say, kept in memory: the promises, and for each slot the ballot and place of the value accepted
 * last.
 *
 * <p>Pages of 64 slots, off the heap, found by a hash map: dense and sparse slots alike, O(1), no garbage. 24 bytes a
 * slot when slots are dense, 1.5 KiB when they lie alone. Pages of trimmed slots are used again, so the memory is
 * bounded by the slots that were not trimmed.
 *
 * <p>Example: slot 1000 is on the page with key 1000 / 64 = 15, at entry 1000 % 64 = 40. If that is the third page
 * taken, it is page 2 of arena 0, and the entry begins at byte 2 * 1536 + 40 * 24 = 4032 of the arena.
 */
public final class SlotIndex implements AutoCloseable {
    private static final int SLOT_BITS = 6;
    private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;
    private static final int SLOT_BYTES = 24;
    private static final int PAGE_BYTES = SLOT_BYTES << SLOT_BITS;
    private static final int PAGE_BITS = 8;
    private static final int PAGE_MASK = (1 << PAGE_BITS) - 1;
    private static final int ARENA_BYTES = PAGE_BYTES << PAGE_BITS;

    private static final int ACCEPTED_BALLOT = 0;
    private static final int HIGHEST_BALLOT = 8; // promised or accepted in, for this slot
    private static final int PLACE = 16;

    private static final long NO_PAGE = -1;

    private final Long2LongHashMap pages = new Long2LongHashMap(NO_PAGE);
    /** Each arena holds 256 pages; the arenas in use come first, the rest is null. */
    private UnsafeBuffer[] arenas = new UnsafeBuffer[4];

    /** How many pages the arenas have given out. Never falls: a page that is given back is used again. */
    private long pageCount;

    /** The pages that hold only trimmed slots, and what was there: the first {@code freeCount}. */
    private long[] free = new long[64];

    private int freeCount;

    /** The key and number of the page used last, or both {@link #NO_PAGE}: the next slot is mostly on the same page. */
    private long lastKey = NO_PAGE;

    private long lastPage = NO_PAGE;

    /** The highest ballot of a promise for all slots. Never falls. */
    private long promised;

    /** The highest slot through which a record said that values were chosen. Never falls. */
    private long chosenThrough;

    /** The highest slot with an accepted value. Never falls. */
    private long lastSlot;

    /** All that was known of the slots below it was forgotten. Never falls. */
    private long firstSlot = 1;

    public long promised() {
        return promised;
    }

    public long promised(final long slot) {
        final long page = page(slot);
        return page == NO_PAGE ? promised : Math.max(promised, arena(page).getLong(at(page, slot) + HIGHEST_BALLOT));
    }

    public long chosenThrough() {
        return Math.max(chosenThrough, firstSlot - 1);
    }

    /**
     * The highest slot through which a record said that values were chosen. Each record repeats it. A trim says the
     * same of its slots. No record may repeat that: the trim may be lost in a crash, and the record not.
     */
    long recordedChosenThrough() {
        return chosenThrough;
    }

    public long lastSlot() {
        return lastSlot;
    }

    /** The first slot that was not trimmed. */
    public long firstSlot() {
        return firstSlot;
    }

    /** 0 if nothing was accepted, or the slot was trimmed. */
    public long acceptedBallot(final long slot) {
        final long page = page(slot);
        return page == NO_PAGE ? 0 : arena(page).getLong(at(page, slot) + ACCEPTED_BALLOT);
    }

    /**
     * Where the value is: {@link #segment} and {@link #offset} take it apart. 0 if nothing was accepted, or the slot
     * was trimmed.
     */
    public long place(final long slot) {
        final long page = page(slot);
        return page == NO_PAGE ? 0 : arena(page).getLong(at(page, slot) + PLACE);
    }

    static int segment(final long place) {
        return (int) (place >>> 32);
    }

    static int offset(final long place) {
        return (int) place;
    }

    /**
     * Makes room for what a record says about this slot; {@link #take} then needs no more memory for it.
     *
     * @throws StorageException if the JVM allows no more direct memory
     */
    void reserve(final long slot) throws StorageException {
        if (slot > 0) {
            pageForWrite(slot);
        }
    }

    /**
     * Takes in one record, of which the frame begins at {@code offset} in the file of {@code segment}.
     *
     * @throws StorageException if the JVM allows no more direct memory; never behind {@link #reserve}
     */
    void take(
            final byte type,
            final long ballot,
            final long slot,
            final long chosenThroughThen,
            final int segment,
            final int offset)
            throws StorageException {
        chosenThrough = Math.max(chosenThrough, chosenThroughThen);
        switch (type) {
            case Frame.OPENED, Frame.PROMISE -> promised = Math.max(promised, ballot);
            case Frame.PROMISE_SLOT -> promisedInSlot(ballot, slot);
            case Frame.ACCEPT -> {
                promisedInSlot(ballot, slot);
                final UnsafeBuffer arena = arena(lastPage);
                final int at = at(lastPage, slot);
                arena.putLong(at + ACCEPTED_BALLOT, ballot);
                arena.putLong(at + PLACE, (long) segment << 32 | offset);
                lastSlot = Math.max(lastSlot, slot);
            }
            default -> throw new IllegalArgumentException("type=" + type);
        }
    }

    /** Takes in what a record says of all slots, and nothing of its own slot, which was trimmed. */
    void takeChosen(final long chosenThroughThen) {
        chosenThrough = Math.max(chosenThrough, chosenThroughThen);
    }

    /** Forgets all slots through this one, which are chosen. Their pages are used again. */
    void trim(final long throughSlot) {
        if (throughSlot < firstSlot) {
            return;
        }
        final long fromKey = firstSlot >>> SLOT_BITS;
        firstSlot = throughSlot + 1;
        giveBack(fromKey, firstSlot >>> SLOT_BITS);
        final long partial = page(firstSlot);
        if (partial != NO_PAGE) {
            final int begin = (int) (partial & PAGE_MASK) * PAGE_BYTES;
            arena(partial).setMemory(begin, at(partial, firstSlot) - begin, (byte) 0);
        }
    }

    /** How many arenas are in use. */
    int arenas() {
        return (int) ((pageCount + PAGE_MASK) >>> PAGE_BITS);
    }

    /** Gives back the pages with keys in this range. */
    private void giveBack(final long fromKey, final long limitKey) {
        lastKey = NO_PAGE;
        lastPage = NO_PAGE;
        if (limitKey - fromKey <= pages.size()) {
            for (long key = fromKey; key < limitKey; key++) {
                giveBack(key);
            }
            return;
        }
        final LongArrayList below = new LongArrayList(pages.size(), NO_PAGE);
        pages.forEachLong((key, page) -> {
            if (key < limitKey) {
                below.addLong(key);
            }
        });
        for (int i = 0; i < below.size(); i++) {
            giveBack(below.getLong(i));
        }
    }

    private void giveBack(final long key) {
        final long page = pages.remove(key);
        if (page != NO_PAGE) {
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, 2 * freeCount);
            }
            free[freeCount++] = page;
        }
    }

    @Override
    public void close() {
        for (final UnsafeBuffer arena : arenas) {
            if (arena != null) {
                BufferUtil.free(arena);
            }
        }
        Arrays.fill(arenas, null);
        pages.clear();
        lastKey = NO_PAGE;
        lastPage = NO_PAGE;
    }

    private void promisedInSlot(final long ballot, final long slot) throws StorageException {
        final long page = pageForWrite(slot);
        final UnsafeBuffer arena = arena(page);
        final int at = at(page, slot) + HIGHEST_BALLOT;
        arena.putLong(at, Math.max(arena.getLong(at), ballot));
    }

    private long page(final long slot) {
        final long key = slot >>> SLOT_BITS;
        if (key != lastKey) {
            final long page = pages.get(key);
            if (page == NO_PAGE) {
                return NO_PAGE;
            }
            lastKey = key;
            lastPage = page;
        }
        return lastPage;
    }

    private long pageForWrite(final long slot) throws StorageException {
        final long known = page(slot);
        if (known != NO_PAGE) {
            return known;
        }
        final long page = freeCount > 0 ? usedAgain() : newPage(slot);
        lastKey = slot >>> SLOT_BITS;
        lastPage = page;
        pages.put(lastKey, page);
        return page;
    }

    private long usedAgain() {
        final long page = free[--freeCount];
        arena(page).setMemory((int) (page & PAGE_MASK) * PAGE_BYTES, PAGE_BYTES, (byte) 0);
        return page;
    }

    private long newPage(final long slot) throws StorageException {
        final int arena = (int) (pageCount >>> PAGE_BITS);
        if ((pageCount & PAGE_MASK) == 0) {
            if (arena == arenas.length) {
                arenas = Arrays.copyOf(arenas, 2 * arenas.length);
            }
            arenas[arena] = new UnsafeBuffer(DirectMemory.allocate(ARENA_BYTES, "the index of slot " + slot));
        }
        return pageCount++;
    }

    private UnsafeBuffer arena(final long page) {
        return arenas[(int) (page >>> PAGE_BITS)];
    }

    private static int at(final long page, final long slot) {
        return (int) (page & PAGE_MASK) * PAGE_BYTES + (int) (slot & SLOT_MASK) * SLOT_BYTES;
    }
}
