package io.paxos.examples.kv;

/** Redis' patterns: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]} and {@code \}, on bytes. */
final class Glob {
    private final byte[] pattern;

    Glob(final byte[] pattern) {
        this.pattern = pattern;
    }

    /**
     * Whether the whole text matches. Takes at most {@code pattern * text} steps: on a mismatch only the last star is
     * stretched. That is enough: to stretch an earlier one gives no further match.
     */
    boolean matches(final byte[] text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int starText = 0;
        while (t < text.length) {
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                starText = t;
            } else if (p < pattern.length && one(p, text[t])) {
                p = next(p);
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /** Whether the element at {@code p}, which is no star, matches one byte. */
    private boolean one(final int p, final byte b) {
        return switch (pattern[p]) {
            case '?' -> true;
            case '[' -> set(p, b);
            case '\\' -> p + 1 < pattern.length ? pattern[p + 1] == b : b == '\\';
            default -> pattern[p] == b;
        };
    }

    /** Where the element after the one at {@code p} begins. */
    private int next(final int p) {
        return switch (pattern[p]) {
            case '[' -> Math.min(closing(p) + 1, pattern.length);
            case '\\' -> Math.min(p + 2, pattern.length);
            default -> p + 1;
        };
    }

    /** Where the set that opens at {@code p} closes; the end of the pattern if it does not. */
    private int closing(final int p) {
        int i = p + 1;
        while (i < pattern.length && pattern[i] != ']') {
            i += pattern[i] == '\\' ? 2 : 1;
        }
        return Math.min(i, pattern.length);
    }

    private boolean set(final int p, final byte b) {
        final int end = closing(p);
        int i = p + 1;
        final boolean not = i < end && pattern[i] == '^';
        if (not) {
            i++;
        }
        boolean found = false;
        while (i < end) {
            if (pattern[i] == '\\' && i + 1 < end) {
                found |= pattern[i + 1] == b;
                i += 2;
            } else if (i + 2 < end && pattern[i + 1] == '-') {
                found |= within(pattern[i], pattern[i + 2], b);
                i += 3;
            } else {
                found |= pattern[i] == b;
                i++;
            }
        }
        return found != not;
    }

    private static boolean within(final byte from, final byte to, final byte b) {
        final int low = Math.min(from & 0xFF, to & 0xFF);
        final int high = Math.max(from & 0xFF, to & 0xFF);
        return (b & 0xFF) >= low && (b & 0xFF) <= high;
    }
}
