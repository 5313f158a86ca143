package io.paxos;

/** What became of a submitted command. Never a lie, and never late. */
public sealed interface Outcome {
    /** Chosen in this slot and executed here; {@code reply} is what the state machine answered, and the receiver's own. */
    record Chosen(long slot, byte[] reply) implements Outcome {}

    /** Surely not executed, now or ever: no leader ever got it. */
    record NotChosen(String reason) implements Outcome {}

    /** It may have been executed, may be executed later, or never. */
    record Unknown(String reason) implements Outcome {}
}
