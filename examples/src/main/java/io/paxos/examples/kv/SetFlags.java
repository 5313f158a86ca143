package io.paxos.examples.kv;

/** The flag byte of {@link Op#SET}: at most one condition, and whether to answer with the old value. */
final class SetFlags {
    /** Only if there is no such key. */
    static final int NX = 1;
    /** Only if there is such a key. */
    static final int XX = 2;
    /** Only if the value is the given one: compare-and-set. */
    static final int IFEQ = 4;
    /** Answer with the old value, whether or not the new one was set. */
    static final int GET = 8;

    private static final int CONDITIONS = NX | XX | IFEQ;

    private SetFlags() {}

    static boolean valid(final int flags) {
        return (flags & ~(CONDITIONS | GET)) == 0 && Integer.bitCount(flags & CONDITIONS) <= 1;
    }

    static boolean has(final int flags, final int flag) {
        return (flags & flag) != 0;
    }
}
