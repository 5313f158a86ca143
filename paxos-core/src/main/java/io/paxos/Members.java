package io.paxos;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The voters: up to 64 distinct replica ids, sorted; a voter's index is its place in that order.
 *
 * <p>Ids only. Addresses belong to the transport, so that they can change without asking a quorum.
 */
public final class Members {
    private static final int ID_MAX = 0xFFFF;

    private final int[] ids;

    private Members(final int[] ids) {
        this.ids = ids;
    }

    /**
     * Members with these ids.
     *
     * @throws IllegalArgumentException if there are none or more than 64, or an id is repeated or not 1..65535
     */
    public static Members of(final int... ids) {
        final int[] sorted = ids.clone();
        Arrays.sort(sorted);
        if (sorted.length < 1 || sorted.length > Long.SIZE) {
            throw new IllegalArgumentException("a cluster has 1.." + Long.SIZE + " members, not " + sorted.length);
        }
        for (int i = 0; i < sorted.length; i++) {
            requireId(sorted[i]);
            if (i > 0 && sorted[i] == sorted[i - 1]) {
                throw new IllegalArgumentException("replica id " + sorted[i] + " is given twice");
            }
        }
        return new Members(sorted);
    }

    /** Returns the id, if it is one: 1..65535. */
    static int requireId(final int id) {
        if (id < 1 || id > ID_MAX) {
            throw new IllegalArgumentException("a replica id must be 1.." + ID_MAX + ": " + id);
        }
        return id;
    }

    public int size() {
        return ids.length;
    }

    /** The id of the voter with this index, 0..size-1. */
    public int id(final int voter) {
        return ids[voter];
    }

    /** The index of a replica, or -1 if it is no member. */
    public int voter(final int id) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == id) {
                return i;
            }
        }
        return -1;
    }

    public boolean contains(final int id) {
        return voter(id) >= 0;
    }

    @Override
    public String toString() {
        return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }
}
