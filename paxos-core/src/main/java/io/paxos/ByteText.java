package io.paxos;

/** How bytes are shown to people: their number, and the first of them in hex. */
final class ByteText {
    private static final int SHOWN_MAX = 16;

    private ByteText() {}

    /** For example {@code 3 bytes 00 0a ff}; with more than 16 bytes, the first 16 and {@code ...}. */
    static String of(final byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        final StringBuilder text = new StringBuilder();
        text.append(bytes.length).append(bytes.length == 1 ? " byte" : " bytes");
        for (int i = 0; i < bytes.length && i < SHOWN_MAX; i++) {
            text.append(String.format(" %02x", bytes[i]));
        }
        return bytes.length > SHOWN_MAX ? text.append(" ...").toString() : text.toString();
    }
}
