package io.paxos.testkit.check;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Which operations are linearized, and Lowe's memo: the sets of them that were reached before, each with its state.
 *
 * <p>A set is a bit set in 64-bit words. Of the known operations, the memo leaves out the full words at the beginning
 * and the empty words at the end. So it stays small for a long history with few operations at a time.
 */
final class Configurations<S> {
    private record Configuration<S>(int firstWord, long[] words, S state) {
        @Override
        public boolean equals(final Object other) {
            return other instanceof Configuration<?> that
                    && firstWord == that.firstWord
                    && Arrays.equals(words, that.words)
                    && state.equals(that.state);
        }

        @Override
        public int hashCode() {
            return (firstWord * 31 + Arrays.hashCode(words)) * 31 + state.hashCode();
        }
    }

    private final int known;
    private final int unknownWords;
    private final long[] linearized; // the words of unknown operations, then those of known ones
    private int firstWord; // >= unknownWords; each word from unknownWords up to here, exclusive, is full
    private int limitWord; // >= firstWord; each word from here on is empty
    private final Set<Configuration<S>> seen = new HashSet<>(); // only grows

    /** Operations are numbered from 0, the known ones first. */
    Configurations(final int known, final int unknown) {
        this.known = known;
        unknownWords = (unknown + 63) >>> 6;
        linearized = new long[unknownWords + (known >>> 6) + 1];
        firstWord = unknownWords;
        limitWord = unknownWords;
    }

    /** Linearizes the operation, unless the same operations were linearized before with the same state after them. */
    boolean addIfNew(final int operation, final S state) {
        final int word = word(operation);
        linearized[word] |= 1L << bit(operation);
        limitWord = Math.max(limitWord, word + 1);
        while (firstWord < limitWord && linearized[firstWord] == -1L) {
            firstWord++;
        }
        while (limitWord > firstWord && linearized[limitWord - 1] == 0) {
            limitWord--;
        }
        final long[] words = Arrays.copyOf(linearized, unknownWords + limitWord - firstWord);
        System.arraycopy(linearized, firstWord, words, unknownWords, limitWord - firstWord);
        if (seen.add(new Configuration<>(firstWord, words, state))) {
            return true;
        }
        remove(operation);
        return false;
    }

    void remove(final int operation) {
        final int word = word(operation);
        linearized[word] &= ~(1L << bit(operation));
        if (operation < known) {
            firstWord = Math.min(firstWord, word);
        }
    }

    private int word(final int operation) {
        return operation < known ? unknownWords + (operation >>> 6) : (operation - known) >>> 6;
    }

    private int bit(final int operation) {
        return (operation < known ? operation : operation - known) & 63;
    }
}
