package io.paxos.examples.kv;

import java.util.Arrays;

/** Why the store refused an operation; nothing was changed by it. The codes travel in replies. */
enum KvError {
    MALFORMED(0, "ERR malformed command"),
    NOT_AN_INTEGER(1, "ERR value is not an integer or out of range"),
    OVERFLOW(2, "ERR increment or decrement would overflow"),
    VALUE_TOO_LARGE(3, "ERR string exceeds maximum allowed size of " + KvLimits.ARGUMENT_BYTES_MAX + " bytes"),
    REPLY_TOO_LARGE(
            4,
            "ERR the reply would exceed " + KvLimits.REPLY_BYTES_MAX
                    + " bytes, or 1/16 of the heap: ask for less at a time");

    private final byte code;
    private final String text;

    KvError(final int code, final String text) {
        this.code = (byte) code;
        this.text = text;
    }

    byte code() {
        return code;
    }

    /** As the client sees it, the kind of error first. */
    String text() {
        return text;
    }

    static KvError of(final byte code) {
        return Arrays.stream(values())
                .filter(error -> error.code == code)
                .findFirst()
                .orElse(MALFORMED);
    }
}
