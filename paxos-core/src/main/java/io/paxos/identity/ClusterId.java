package io.paxos.identity;

/** The number of a cluster: given, or made at the first start. 0 is none. */
final class ClusterId {
    private ClusterId() {}

    /** The id of a cluster whose members have these disks, in the order of their ids. Random, as these numbers are. */
    static long of(final Iterable<Long> storageIds) {
        long id = 0;
        for (final long storageId : storageIds) {
            id = mix(id ^ storageId);
        }
        return id == 0 ? 1 : id;
    }

    /**
     * The one id that all of these give; 0 if none gives one.
     *
     * @throws IllegalArgumentException if two of them differ
     */
    static long same(
            final int self, final long ofBuilder, final long ofTransport, final long ofLog, final long ofNotes) {
        long known = ofBuilder;
        known = same(self, known, "the builder", ofTransport, "the transport");
        known = same(self, known, "builder and transport", ofLog, "the log");
        return same(self, known, "builder, transport and log", ofNotes, "the notes of the log");
    }

    private static long same(
            final int self, final long known, final String knownBy, final long other, final String otherBy) {
        if (known != 0 && other != 0 && known != other) {
            throw new IllegalArgumentException("replica " + self + " is given two clusters: " + text(known) + " by "
                    + knownBy + ", " + text(other) + " by " + otherBy
                    + "; give the id to the builder of the replica only, and choose the right directory");
        }
        return known != 0 ? known : other;
    }

    static String text(final long id) {
        return Long.toUnsignedString(id);
    }

    /** Spreads the bits: the finalizer of SplitMix64, Steele, Lea and Flood 2014, section 4. */
    private static long mix(final long bits) {
        long mixed = bits + 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ mixed >>> 31;
    }
}
