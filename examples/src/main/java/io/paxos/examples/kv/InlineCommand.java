package io.paxos.examples.kv;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** A request as a person types it: words between blanks, quoted as in Redis. */
final class InlineCommand {
    private final byte[] line;
    private int position;

    private InlineCommand(final byte[] line) {
        this.line = line;
    }

    /** The words, perhaps none; null if a quote is not closed or something follows it at once. */
    static List<byte[]> split(final byte[] line) {
        return new InlineCommand(line).words();
    }

    private List<byte[]> words() {
        final List<byte[]> words = new ArrayList<>();
        while (true) {
            while (position < line.length && blank(line[position])) {
                position++;
            }
            if (position == line.length) {
                return words;
            }
            final byte[] word = word();
            if (word == null) {
                return null;
            }
            words.add(word);
        }
    }

    private byte[] word() {
        final ByteArrayOutputStream word = new ByteArrayOutputStream();
        while (position < line.length && !blank(line[position])) {
            final byte b = line[position++];
            if (b != '"' && b != '\'') {
                word.write(b);
            } else if (!quoted(b, word)) {
                return null;
            }
        }
        return word.toByteArray();
    }

    /** Reads to the closing quote, behind which a word ends; false if it does not. */
    private boolean quoted(final byte quote, final ByteArrayOutputStream word) {
        while (position < line.length) {
            final byte b = line[position++];
            if (b == quote) {
                return position == line.length || blank(line[position]);
            }
            if (b == '\\' && position < line.length && (quote == '"' || line[position] == '\'')) {
                word.write(escaped(line[position++]));
            } else {
                word.write(b);
            }
        }
        return false;
    }

    private int escaped(final byte b) {
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            case 'x' -> hex(b);
            default -> b;
        };
    }

    /** The byte of two hexadecimal digits, or the letter itself if there are none. */
    private int hex(final byte letter) {
        if (position + 2 > line.length) {
            return letter;
        }
        final int high = Character.digit(line[position], 16);
        final int low = Character.digit(line[position + 1], 16);
        if (high < 0 || low < 0) {
            return letter;
        }
        position += 2;
        return high << 4 | low;
    }

    private static boolean blank(final byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }
}
