package io.paxos.examples.kv;

import java.util.List;

/** What a client sent, in four qualities. */
sealed interface Request {
    /** The name of a command and its arguments, at least the name; {@code bytes} of the clients' memory are taken. */
    record Call(List<byte[]> words, int bytes) implements Request {}

    /** A whole request that is too large, and was not kept; the next one can be read. */
    record Refused(String error) implements Request {}

    /** Not the protocol; nothing behind it can be understood. */
    record Broken(String error) implements Request {}

    /** Another protocol. Nothing behind it is meant for this service, although it may look so. */
    record Foreign() implements Request {}
}
