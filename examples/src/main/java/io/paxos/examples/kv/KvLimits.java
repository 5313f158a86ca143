package io.paxos.examples.kv;

/** How large things may be. Those of the state machine must be the same on all replicas: they decide replies. */
final class KvLimits {
    /** One key, value or other argument. */
    static final int ARGUMENT_BYTES_MAX = 512 * 1024;

    /** All arguments of one request, so that it fits into one command of the engine, which takes almost 1 MiB. */
    static final int REQUEST_BYTES_MAX = 768 * 1024;

    static final int ARGUMENTS_MAX = 64 * 1024;

    /**
     * All replies to one command of the engine; an operation whose reply does not fit is not executed. A query has less
     * on a small heap, see {@link ClientLimits}.
     */
    static final int REPLY_BYTES_MAX = 16 * 1024 * 1024;

    /** The replies to one command of this process: more would be a burden on every replica. */
    static final int WRITE_REPLY_BYTES_MAX = 1024 * 1024;

    /** The keys of one SCAN reply; the cursor is where to go on. */
    static final int SCAN_BYTES_MAX = 1024 * 1024;

    /** How many keys one SCAN looks at, with any COUNT, because it runs on the replica's thread. */
    static final int SCAN_COUNT_MAX = 10_000;

    /** The pattern of a SCAN: a match takes a step for each byte of the key and 64 elements of the pattern. */
    static final int PATTERN_BYTES_MAX = 512;

    /** Steps of matching in one SCAN, about 10 ms on the replica's thread. The last key may double them. */
    static final int SCAN_STEPS_MAX = 4 * 1024 * 1024;

    /** The name of a connection. */
    static final int CLIENT_NAME_BYTES_MAX = 128;

    /** How many names one COMMAND or CONFIG may ask for. */
    static final int NAMES_MAX = 256;

    /** Requests of one connection that wait for their turn; beyond that its socket is not read. */
    static final int WAITING_MAX = 1024;

    /** The same in bytes. */
    static final int WAITING_BYTES_MAX = 4 * 1024 * 1024;

    /** Operations that travel as one command. */
    static final int BATCH_OPERATIONS_MAX = 1024;

    /** A batch stops growing here, unless its first operation alone is larger. */
    static final int BATCH_BYTES_MAX = 64 * 1024;

    /** Fewer on a small heap, see {@link ClientLimits}. */
    static final int CONNECTIONS_MAX = 1000;

    private KvLimits() {}
}
