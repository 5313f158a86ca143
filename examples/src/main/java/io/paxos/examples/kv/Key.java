package io.paxos.examples.kv;

import java.util.Arrays;

/**
 * A key of the store, ordered by a hash of 62 bits and then by its bytes.
 *
 * <p>The order of the hashes is the order of SCAN: a cursor is a hash, so it stays valid when keys come and go.
 */
final class Key implements Comparable<Key> {
    private static final byte[] NONE = {};
    private static final int HASH_SHIFT = 2;

    private final long hash;
    private final byte[] bytes;

    private Key(final long hash, final byte[] bytes) {
        this.hash = hash;
        this.bytes = bytes;
    }

    /** The key with these bytes, which belong to it from now on. */
    static Key of(final byte[] bytes) {
        return new Key(hash(bytes), bytes);
    }

    /** Not above any key of this hash. */
    static Key floor(final long hash) {
        return new Key(hash, NONE);
    }

    /**
     * FNV-1a and a finisher: the same on every replica, now and in later versions, since SCAN's replies depend on it.
     */
    private static long hash(final byte[] bytes) {
        long hash = 0xcbf29ce484222325L;
        for (final byte b : bytes) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
        }
        hash = (hash ^ hash >>> 32) * 0x9e3779b97f4a7c15L;
        return (hash ^ hash >>> 29) >>> HASH_SHIFT;
    }

    /** 0..2^62-1. */
    long hash() {
        return hash;
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public int compareTo(final Key other) {
        final int byHash = Long.compare(hash, other.hash);
        return byHash != 0 ? byHash : Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof Key key && compareTo(key) == 0;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(hash);
    }
}
