package io.paxos.examples.kv;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The answer of a server, as {@link RespClient} reads it. */
sealed interface RespReply {
    /** Text without line breaks, such as OK. */
    record Simple(String text) implements RespReply {}

    /** The kind of error is the first word. */
    record Failure(String text) implements RespReply {}

    record Int(long value) implements RespReply {}

    /** Any bytes; not copied. */
    @SuppressWarnings("ArrayRecordComponent") // compared by text() only
    record Bulk(byte[] bytes) implements RespReply {}

    record Array(List<RespReply> items) implements RespReply {}

    record Nil() implements RespReply {}

    /** The reply as text: numbers in decimal, nil as {@code (nil)}, arrays as lists. */
    default String text() {
        if (this instanceof Bulk bulk) {
            return new String(bulk.bytes(), StandardCharsets.UTF_8);
        }
        if (this instanceof Int number) {
            return Long.toString(number.value());
        }
        if (this instanceof Array array) {
            return array.items().stream().map(RespReply::text).toList().toString();
        }
        if (this instanceof Simple simple) {
            return simple.text;
        }
        return this instanceof Failure failure ? failure.text : "(nil)";
    }

    /** Whether the server did something other than what it was asked for. */
    default boolean failed() {
        return this instanceof Failure;
    }
}
