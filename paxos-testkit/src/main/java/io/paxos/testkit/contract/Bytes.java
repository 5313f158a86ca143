package io.paxos.testkit.contract;

import java.util.HexFormat;

/** Bytes as people are told of them. */
final class Bytes {
    private static final int BYTES_MAX = 32;

    private Bytes() {}

    /** In hex, with the length; shortened if long. */
    static String text(final byte[] bytes) {
        final int shown = Math.min(bytes.length, BYTES_MAX);
        return bytes.length + " bytes " + HexFormat.of().formatHex(bytes, 0, shown)
                + (shown < bytes.length ? "..." : "");
    }
}
