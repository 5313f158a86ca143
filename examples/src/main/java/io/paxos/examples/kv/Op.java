package io.paxos.examples.kv;

/** What can be done to the store. The codes are in logs on disk: never give one a new meaning. */
enum Op {
    /**
     * key, value, {@link SetFlags}, and the expected old value if {@code IFEQ}: OK or nil; the old value if {@code
     * GET}.
     */
    SET(1, 3, 4, Kind.WRITE),
    /** key: the old value or nil. */
    GETDEL(2, 1, 1, Kind.WRITE),
    /** keys: how many there were. */
    DEL(3, 1, Integer.MAX_VALUE, Kind.WRITE),
    /** key, 8 bytes of delta: the new number. */
    INCRBY(4, 2, 2, Kind.WRITE),
    /** key, tail: the new length. */
    APPEND(5, 2, 2, Kind.WRITE),
    /** key, value, key, value, ...: OK. */
    MSET(6, 2, Integer.MAX_VALUE, Kind.WRITE),
    /** OK. */
    FLUSHALL(7, 0, 0, Kind.WRITE),

    /** key: the value or nil. */
    GET(33, 1, 1, Kind.READ),
    /** keys: how many of them are there, one that is given twice counted twice. */
    EXISTS(34, 1, Integer.MAX_VALUE, Kind.READ),
    /** key: length of the value, 0 if there is none. */
    STRLEN(35, 1, 1, Kind.READ),
    /** keys: an array of values and nils. */
    MGET(36, 1, Integer.MAX_VALUE, Kind.READ),
    /** How many keys there are. */
    DBSIZE(37, 0, 0, Kind.READ),
    /** 8 bytes of cursor, pattern, 8 bytes of count: an array of the next cursor and an array of keys. */
    SCAN(38, 3, 3, Kind.READ);

    private enum Kind {
        READ,
        WRITE
    }

    private static final Op[] BY_CODE = new Op[64];

    static {
        for (final Op op : values()) {
            BY_CODE[op.code] = op;
        }
    }

    private final byte code;
    private final int argumentsMin;
    private final int argumentsMax;
    private final Kind kind;

    Op(final int code, final int argumentsMin, final int argumentsMax, final Kind kind) {
        this.code = (byte) code;
        this.argumentsMin = argumentsMin;
        this.argumentsMax = argumentsMax;
        this.kind = kind;
    }

    byte code() {
        return code;
    }

    boolean reads() {
        return kind == Kind.READ;
    }

    boolean takes(final int arguments) {
        return arguments >= argumentsMin && arguments <= argumentsMax;
    }

    /** The operation with this code, or null. */
    static Op of(final byte code) {
        return code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
    }
}
