package io.paxos;

import java.util.Arrays;

/** What became of a submitted command. It is true, and it comes by the deadline. */
public sealed interface Outcome {
    /**
     * The command was chosen in this slot and executed here.
     *
     * <p>Two are equal if their slots are the same and their replies hold the same bytes.
     *
     * @param slot in which the command was chosen, >= 1
     * @param reply of the state machine, empty if it wrote none; belongs to the receiver and is not copied
     */
    record Chosen(long slot, byte[] reply) implements Outcome {
        @Override
        public boolean equals(final Object other) {
            return other instanceof Chosen that && slot == that.slot && Arrays.equals(reply, that.reply);
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(slot) + Arrays.hashCode(reply);
        }

        /** The slot, the length of the reply and its first bytes in hex. */
        @Override
        public String toString() {
            return "Chosen[slot=" + slot + ", reply=" + ByteText.of(reply) + "]";
        }
    }

    /**
     * Certainly not executed, neither now nor later: no leader ever got it.
     *
     * <p>Two are equal if both reason and text are.
     *
     * @param reason for programs
     * @param text the same for people, with figures: who answers, what is full, which fault
     */
    record NotChosen(Reason reason, String text) implements Outcome {}

    /** It may have been executed, may be executed later, or never. The text, for people, says why nobody knows. */
    record Unknown(String text) implements Outcome {}
}
