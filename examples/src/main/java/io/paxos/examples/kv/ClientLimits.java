package io.paxos.examples.kv;

/**
 * What clients may take of this process.
 *
 * @param memoryBytes what all clients together may hold: requests, and replies that they have not read
 * @param connections how many clients there may be
 * @param replyBytes the replies to one query
 * @param idleNs for how long a client may send and read nothing; 0: for ever
 */
record ClientLimits(long memoryBytes, int connections, int replyBytes, long idleNs) {
    private static final long MEMORY_BYTES_MIN = 8L << 20;
    private static final int CONNECTIONS_MIN = 16;
    private static final int MEMORY_SHARES = 4;
    private static final int REPLY_SHARES = 16;

    /** A client has buffers of about 100 KiB for its socket that count nowhere else. */
    private static final int CONNECTION_BYTES = 256 << 10;

    /** Room for a SCAN that ends with the longest key. */
    private static final long REPLY_BYTES_MIN = 2L << 20;

    /**
     * A quarter of the heap for all clients. A reply to a query may take a sixteenth, since it is copied three times on
     * its way out of the store.
     */
    static ClientLimits of(final long heapBytes, final long idleNs) {
        return new ClientLimits(
                Math.max(MEMORY_BYTES_MIN, heapBytes / MEMORY_SHARES),
                (int) Math.max(CONNECTIONS_MIN, Math.min(KvLimits.CONNECTIONS_MAX, heapBytes / CONNECTION_BYTES)),
                (int) Math.max(REPLY_BYTES_MIN, Math.min(KvLimits.REPLY_BYTES_MAX, heapBytes / REPLY_SHARES)),
                idleNs);
    }
}
