package io.paxos.examples.kv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Converts the words of a request. */
final class Words {
    /** The length of the longest name of a command or option; a longer word is none. */
    static final int NAME_CHARS_MAX = 128;

    private Words() {}

    /** The number that the word is; throws {@link Refusal} if it is none. */
    static long integer(final byte[] word) {
        final Integers.Parsed parsed = Integers.parse(word);
        if (!parsed.valid()) {
            throw new Refusal(KvError.NOT_AN_INTEGER.text());
        }
        return parsed.value();
    }

    /** The name that the word is, in lower case; empty if the word is too long for a name. */
    static String lower(final byte[] word) {
        return word.length > NAME_CHARS_MAX ? "" : text(word).toLowerCase(Locale.ROOT);
    }

    /** Refuses so many words that an answer for each of them would take much. */
    static void requireFew(final List<byte[]> words) {
        if (words.size() > KvLimits.NAMES_MAX) {
            throw new Refusal("ERR " + words.size() + " names are too many: at most " + KvLimits.NAMES_MAX);
        }
    }

    /** The beginning of the word, for messages. */
    static String shortened(final byte[] word) {
        return text(word.length <= NAME_CHARS_MAX ? word : Arrays.copyOf(word, NAME_CHARS_MAX));
    }

    static String text(final byte[] word) {
        return new String(word, StandardCharsets.UTF_8);
    }

    static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
