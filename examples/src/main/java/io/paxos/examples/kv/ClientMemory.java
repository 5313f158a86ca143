package io.paxos.examples.kv;

/**
 * Counts the bytes that all clients together hold, and refuses more than their limit. Owned by the event loop.
 *
 * <p>The larger a thing, the earlier it is refused. So many large replies that nobody reads leave room for small
 * requests.
 */
final class ClientMemory {
    /** Beyond this size a thing may use half of the limit only. */
    static final int LARGE_BYTES = 1 << 20;

    /** Beyond this size a thing may use seven eighths of the limit only. */
    static final int MEDIUM_BYTES = 16 << 10;

    private static final int EIGHTHS = 8;

    private final long limit;

    /** The sum of what is taken and not given back: 0..limit, unless {@link #correct} has raised it. */
    private long used;

    /** Something was refused since the last {@link #pollShortage}. */
    private boolean wasShort;

    ClientMemory(final long limit) {
        this.limit = limit;
    }

    /** Takes this many bytes, or nothing and answers false. */
    boolean take(final long bytes) {
        if (used + bytes > limitFor(bytes)) {
            wasShort = true;
            return false;
        }
        used += bytes;
        return true;
    }

    private long limitFor(final long bytes) {
        if (bytes > LARGE_BYTES) {
            return limit / 2;
        }
        return bytes > MEDIUM_BYTES ? limit - limit / EIGHTHS : limit;
    }

    void give(final long bytes) {
        used -= bytes;
        assert used >= 0 : "used=" + used;
    }

    /** What was taken as an estimate turns out to be another number of bytes. */
    void correct(final long estimate, final long actual) {
        used += actual - estimate;
        assert used >= 0 : "used=" + used;
    }

    long used() {
        return used;
    }

    long limit() {
        return limit;
    }

    /** Half of it is used: nobody shall send requests ahead. */
    boolean isTight() {
        return used > limit / 2;
    }

    /** Whether something was refused since this was asked last. */
    boolean pollShortage() {
        final boolean was = wasShort;
        wasShort = false;
        return was;
    }
}
