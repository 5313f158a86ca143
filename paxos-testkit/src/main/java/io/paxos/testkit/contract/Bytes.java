package io.paxos.testkit.contract;

import java.util.HexFormat;

/** Shows bytes in messages. For the contracts. */
public final class Bytes {
    private static final int BYTES_MAX = 32;

    private Bytes() {}

    /** The length, and at most 32 bytes in hex. */
    public static String text(final byte[] bytes) {
        final int shown = Math.min(bytes.length, BYTES_MAX);
        return bytes.length + " bytes " + HexFormat.of().formatHex(bytes, 0, shown)
                + (shown < bytes.length ? "..." : "");
    }
}
