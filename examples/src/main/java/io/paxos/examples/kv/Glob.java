package io.paxos.examples.kv;

/**
 * Redis' patterns: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]} and {@code \}, on bytes.
 *
 * <p>Takes one step per byte of the text and 64 elements of the pattern, whatever they are: all ways to match go on
 * together, as bits. Bit {@code i} says that the elements below {@code i} match the text so far. Worked example: {@code
 * a*bc} has the elements {@code a b c} and a star before {@code b}. The text {@code abbc} gives the bits {@code {0}},
 * then {@code {1}} for a; {@code {1,2}} for b, since the star keeps 1; {@code {1,2}}; {@code {1,3}}, and 3 is the end.
 */
final class Glob {
    private static final int BYTES = 256;

    private final byte[] pattern;

    /** How many elements there are that match one byte each. */
    private int elements;

    private final int wordCount;

    /** By byte and word: the elements that it matches. */
    private final long[] matching;

    /** The elements that follow a star, and the end if it does: these bits stay. */
    private final long[] stars;

    Glob(final byte[] pattern) {
        this.pattern = pattern;
        wordCount = pattern.length / Long.SIZE + 1; // a bit for each element, and one for the end
        matching = new long[BYTES * wordCount];
        stars = new long[wordCount];
        int p = 0;
        while (p < pattern.length) {
            if (pattern[p] == '*') {
                stars[elements / Long.SIZE] |= 1L << elements;
                p++;
            } else {
                p = element(p);
                elements++;
            }
        }
    }

    /** Marks the bytes that the element at {@code p} matches. Returns where the next one begins. */
    private int element(final int p) {
        switch (pattern[p]) {
            case '?' -> {
                for (int b = 0; b < BYTES; b++) {
                    match(b);
                }
            }
            case '[' -> {
                return set(p);
            }
            case '\\' -> {
                match(pattern[Math.min(p + 1, pattern.length - 1)]);
                return Math.min(p + 2, pattern.length);
            }
            default -> match(pattern[p]);
        }
        return p + 1;
    }

    private void match(final int b) {
        matching[(b & 0xFF) * wordCount + elements / Long.SIZE] |= 1L << elements;
    }

    /** A set that does not close goes on to the end of the pattern. */
    private int set(final int p) {
        final boolean[] found = new boolean[BYTES];
        final int end = closing(p);
        int i = p + 1;
        final boolean not = i < end && pattern[i] == '^';
        if (not) {
            i++;
        }
        while (i < end) {
            if (pattern[i] == '\\' && i + 1 < end) {
                found[pattern[i + 1] & 0xFF] = true;
                i += 2;
            } else if (i + 2 < end && pattern[i + 1] == '-') {
                range(found, pattern[i] & 0xFF, pattern[i + 2] & 0xFF);
                i += 3;
            } else {
                found[pattern[i] & 0xFF] = true;
                i++;
            }
        }
        for (int b = 0; b < BYTES; b++) {
            if (found[b] != not) {
                match(b);
            }
        }
        return Math.min(end + 1, pattern.length);
    }

    private static void range(final boolean[] found, final int from, final int to) {
        for (int b = Math.min(from, to); b <= Math.max(from, to); b++) {
            found[b] = true;
        }
    }

    /** Where the set that opens at {@code p} closes; the end of the pattern if it does not. */
    private int closing(final int p) {
        int i = p + 1;
        while (i < pattern.length && pattern[i] != ']') {
            i += pattern[i] == '\\' ? 2 : 1;
        }
        return Math.min(i, pattern.length);
    }

    /** How many steps a text of this length takes at most. */
    long steps(final int length) {
        return 1 + (long) length * wordCount;
    }

    /** Whether the whole text matches. */
    boolean matches(final byte[] text) {
        final long[] bits = new long[wordCount];
        bits[0] = 1;
        for (final byte b : text) {
            if (isSet(bits, elements) && isSet(stars, elements)) {
                return true; // whatever follows
            }
            if (!step(bits, (b & 0xFF) * wordCount)) {
                return false;
            }
        }
        return isSet(bits, elements);
    }

    /** Takes one byte, whose elements begin at {@code row}. False if nothing can match any longer. */
    private boolean step(final long[] bits, final int row) {
        long carry = 0;
        long any = 0;
        for (int word = 0; word < wordCount; word++) {
            final long moving = bits[word] & matching[row + word];
            bits[word] = (bits[word] & stars[word]) | (moving << 1) | carry;
            carry = moving >>> (Long.SIZE - 1);
            any |= bits[word];
        }
        return any != 0;
    }

    private static boolean isSet(final long[] bits, final int bit) {
        return ((bits[bit / Long.SIZE] >>> bit) & 1) != 0;
    }
}
