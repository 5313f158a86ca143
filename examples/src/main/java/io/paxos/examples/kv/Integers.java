package io.paxos.examples.kv;

/** Redis' idea of a number: 64 bits, decimal, no plus, no blanks, no leading zeros. */
final class Integers {
    /** What a missing value counts as. */
    static final Parsed ZERO = new Parsed(true, 0);

    private static final Parsed NONE = new Parsed(false, 0);
    private static final int DIGITS_MAX = 19;

    private Integers() {}

    /** A number, or none if not {@code valid}. */
    record Parsed(boolean valid, long value) {}

    static Parsed parse(final byte[] text) {
        final boolean negative = text.length > 0 && text[0] == '-';
        final int first = negative ? 1 : 0;
        final int digits = text.length - first;
        if (digits < 1 || digits > DIGITS_MAX) {
            return NONE;
        }
        if (text[first] == '0') {
            return text.length == 1 ? ZERO : NONE;
        }
        long value = 0; // kept negative: there is one more of these
        for (int i = first; i < text.length; i++) {
            final int digit = text[i] - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
                return NONE;
            }
            value = value * 10 - digit;
        }
        if (!negative && value == Long.MIN_VALUE) {
            return NONE;
        }
        return new Parsed(true, negative ? value : -value);
    }
}
