package io.paxos.examples.kv;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Takes requests out of the bytes of one client: arrays of strings, and lines as a person types them.
 *
 * <p>In place of Netty's decoders, which keep a value before they refuse it, and count nothing. Here the limits are
 * checked on the announced sizes: what is too large, or finds no memory, passes by without being kept, and its whole
 * request is refused. So a request is executed with all of its words or not at all.
 */
final class RequestDecoder {
    /** What a request takes of memory beside its words, its answer included if that is an error. */
    static final int REQUEST_BYTES = 512;

    /** What a word takes of memory beside its bytes. */
    static final int WORD_BYTES = 32;

    /** What a word takes of the encoded request beside its bytes, at most. */
    private static final int HEADER_BYTES = 5;

    private static final int LINE_BYTES_MAX = 64 * 1024;
    private static final int NUMBER_CHARS_MAX = 32;
    private static final int END_BYTES = 2; // CR LF behind a word
    private static final int NO_WORD = -1;

    /** Of HTTP, in lower case, beside POST. */
    private static final Set<String> METHODS =
            Set.of("get", "put", "head", "options", "delete", "patch", "connect", "trace");

    private final ClientMemory memory;

    private List<byte[]> words = List.of();

    /** Words that the current request still lacks; 0 between requests. */
    private int missing;

    /** The encoded size of the words so far. */
    private int encoded;

    /** Of the clients' memory, taken for the current request; 0 between requests. */
    private int taken;

    /** The word that is being received; null if none is, or if it is not kept. */
    private byte[] word;

    /** How many bytes of the word are still to come; {@link #NO_WORD} between words. */
    private int rest = NO_WORD;

    /** Why the current request is refused although it is well-formed, or null. */
    private String excess;

    /** So many of the next bytes are known to have no end of line. */
    private int scanned;

    private boolean isBroken;
    private Request done; // what next() answers

    RequestDecoder(final ClientMemory memory) {
        this.memory = memory;
    }

    /** The next request, or null if its end is not there yet. After one that breaks the protocol there is none. */
    Request next(final ByteBuf in) {
        done = null;
        while (done == null && in.isReadable() && step(in)) {
            // goes on
        }
        return done;
    }

    /** How much of the clients' memory a request takes that has not come to its end. */
    int taken() {
        return taken;
    }

    /** Gives back what a request has taken that will not come to its end. */
    void close() {
        isBroken = true;
        drop();
    }

    /** False if more bytes are needed. */
    private boolean step(final ByteBuf in) {
        if (isBroken) {
            in.skipBytes(in.readableBytes());
            return false;
        }
        if (rest != NO_WORD) {
            return content(in);
        }
        final byte[] line = line(in);
        if (line == null) {
            return false;
        }
        if (missing > 0) {
            header(line);
        } else if (line.length > 0 && "*+-:$".indexOf(line[0]) >= 0) {
            begin(line);
        } else {
            inline(line);
        }
        return true;
    }

    /** The bytes of the next line without its line feed; null if its end is not there yet. */
    private byte[] line(final ByteBuf in) {
        final int start = in.readerIndex();
        final int end = in.indexOf(start + scanned, in.writerIndex(), (byte) '\n');
        final int length = end < 0 ? in.readableBytes() : end - start;
        if (length > LINE_BYTES_MAX) {
            fail("a line is longer than " + LINE_BYTES_MAX + " bytes");
            return null;
        }
        if (end < 0) {
            scanned = length;
            return null;
        }
        scanned = 0;
        final byte[] line = new byte[length];
        in.readBytes(line).skipBytes(1);
        return line;
    }

    private void begin(final byte[] line) {
        if (line[0] != '*') {
            fail("expected '*'");
            return;
        }
        final Integers.Parsed count = number(line);
        if (!count.valid() || count.value() < -1 || count.value() > KvLimits.ARGUMENTS_MAX) {
            fail("invalid multibulk length, at most " + KvLimits.ARGUMENTS_MAX);
        } else if (count.value() > 0) {
            missing = (int) count.value();
            words = new ArrayList<>(Math.min(missing, 16));
            encoded = 0;
            excess = null;
            take(REQUEST_BYTES);
        }
    }

    private void header(final byte[] line) {
        if (line.length == 0 || line[0] != '$') {
            fail("expected '$'");
            return;
        }
        final Integers.Parsed length = number(line);
        if (!length.valid() || length.value() < 0 || length.value() > Integer.MAX_VALUE - END_BYTES) {
            fail("invalid bulk length");
            return;
        }
        rest = (int) length.value();
        if (rest > KvLimits.ARGUMENT_BYTES_MAX) {
            refuse("ERR an argument of " + rest + " bytes is too large: at most " + KvLimits.ARGUMENT_BYTES_MAX);
        } else if (encoded + rest + HEADER_BYTES > KvLimits.REQUEST_BYTES_MAX) {
            refuse("ERR the request is too large: at most " + KvLimits.REQUEST_BYTES_MAX + " bytes of arguments");
        }
        if (excess == null && take(rest + WORD_BYTES)) {
            encoded += rest + HEADER_BYTES;
            word = new byte[rest];
        }
        rest += END_BYTES;
    }

    /** The number behind the first byte of a line that ends with CR. */
    private static Integers.Parsed number(final byte[] line) {
        final boolean isLine = line.length > 1 && line.length <= NUMBER_CHARS_MAX && line[line.length - 1] == '\r';
        return Integers.parse(isLine ? Arrays.copyOfRange(line, 1, line.length - 1) : line);
    }

    /** False if the memory is used up; then the request is refused. */
    private boolean take(final int bytes) {
        if (memory.take(bytes)) {
            taken += bytes;
            return true;
        }
        refuse(Answers.NO_MEMORY + "not executed: clients hold all the memory that is for them; try again");
        return false;
    }

    /** The first reason counts. What was kept of the request is dropped. */
    private void refuse(final String reason) {
        if (excess == null) {
            excess = reason;
        }
        drop();
    }

    private void drop() {
        memory.give(taken);
        taken = 0;
        words = List.of();
        word = null;
    }

    private boolean content(final ByteBuf in) {
        final int ofWord = Math.min(rest - END_BYTES, in.readableBytes());
        if (ofWord > 0) {
            if (word == null) {
                in.skipBytes(ofWord);
            } else {
                in.readBytes(word, word.length - (rest - END_BYTES), ofWord);
            }
            rest -= ofWord;
        }
        if (rest > END_BYTES || in.readableBytes() < END_BYTES) {
            return false;
        }
        if (in.readByte() != '\r' || in.readByte() != '\n') {
            fail("a string is longer than it says");
            return false;
        }
        rest = NO_WORD;
        wordDone();
        return true;
    }

    private void wordDone() {
        if (excess == null) {
            words.add(word);
            word = null;
        }
        missing--;
        if (missing == 0) {
            done = excess == null ? new Request.Call(words, taken) : new Request.Refused(excess);
            taken = 0;
            words = List.of();
        }
    }

    private void inline(final byte[] line) {
        final List<byte[]> split = InlineCommand.split(line);
        if (split == null) {
            fail("unbalanced quotes in request");
        } else if (split.isEmpty()) {
            return;
        } else if (isForeign(split)) {
            isBroken = true;
            done = new Request.Foreign();
        } else {
            excess = null;
            final boolean hasRoom = take(REQUEST_BYTES + line.length + split.size() * WORD_BYTES);
            done = hasRoom ? new Request.Call(split, taken) : new Request.Refused(excess);
            taken = 0;
        }
    }

    /** As redis-server, which closes at POST and at Host:, but for the others at once and not one line later. */
    private static boolean isForeign(final List<byte[]> words) {
        final String first = Words.lower(words.get(0));
        if (first.equals("post") || first.startsWith("host:")) {
            return true;
        }
        return words.size() == 3
                && METHODS.contains(first)
                && Words.lower(words.get(2)).startsWith("http/");
    }

    private void fail(final String reason) {
        close();
        done = new Request.Broken("ERR Protocol error: " + reason);
    }
}
