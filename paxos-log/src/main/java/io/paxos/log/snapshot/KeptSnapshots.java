package io.paxos.log.snapshot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The slots of the snapshots in one directory. Any thread.
 *
 * <p>A snapshot that was refused is not one of the two that are kept. Example: 100, 90 and 80 are there, and 100 was
 * refused. The replica goes on from 90 and writes 120. Then 120 and 90 stay, and 100 and 80 are deleted. If 80 is being
 * read, because another replica receives it, it stays until a later snapshot is written.
 */
final class KeptSnapshots {
    private static final int KEPT = 2;

    /** The slots of all files with a complete name, the newest first. Guarded by this. */
    private final TreeSet<Long> slots = new TreeSet<>(Comparator.reverseOrder());

    /** Those in {@code slots} that were damaged when they were read. Guarded by this. */
    private final Set<Long> refused = new HashSet<>();

    /** Those whose files are being deleted. Guarded by this. */
    private final Set<Long> retired = new HashSet<>();

    /** How many readers each slot has, if it has any. Guarded by this. */
    private final Map<Long, Integer> open = new HashMap<>();

    synchronized long[] slots() {
        return slots.stream().mapToLong(Long::longValue).toArray();
    }

    synchronized void add(final long slot) {
        slots.add(slot);
        refused.remove(slot);
    }

    synchronized void remove(final long slot) {
        slots.remove(slot);
        refused.remove(slot);
    }

    /** A snapshot could not be read. */
    synchronized void refuse(final long slot) {
        if (slots.contains(slot)) {
            refused.add(slot);
        }
    }

    /** The newest one that was not refused; 0 if there is none. */
    synchronized long newest() {
        return newestBefore(Long.MAX_VALUE);
    }

    /** The newest one below this slot that was not refused; 0 if there is none. */
    synchronized long newestBefore(final long slot) {
        for (final long found : slots) {
            if (found < slot && !refused.contains(found)) {
                return found;
            }
        }
        return 0;
    }

    /** A snapshot is to be read. It stays until it is {@link #closed}. False if it is being deleted. */
    synchronized boolean opened(final long slot) {
        if (retired.contains(slot)) {
            return false;
        }
        open.merge(slot, 1, Integer::sum);
        return true;
    }

    /** Takes away a snapshot that nobody reads; false if it is read. It cannot be opened until it is {@link #gone}. */
    synchronized boolean retire(final long slot) {
        if (open.containsKey(slot)) {
            return false;
        }
        remove(slot);
        return retired.add(slot);
    }

    /** The file of a retired one has no name any more, or keeps it. */
    synchronized void gone(final long slot) {
        retired.remove(slot);
    }

    synchronized void closed(final long slot) {
        open.computeIfPresent(slot, (key, readers) -> readers == 1 ? null : readers - 1);
    }

    /** All but the newest two, and those that are being read. */
    synchronized List<Long> superfluous() {
        final List<Long> superfluous = new ArrayList<>();
        int kept = 0;
        for (final Long slot : slots) {
            if (kept < KEPT && !refused.contains(slot)) {
                kept++;
            } else if (!open.containsKey(slot)) {
                superfluous.add(slot);
            }
        }
        return superfluous;
    }
}
