package io.paxos.testkit.contract.log;

import io.paxos.testkit.memory.LogState;

/**
 * One step of a random test of a log, as plain data. It is legal in every state, so that jqwik can leave steps out and
 * make them smaller.
 *
 * @param kind what to do
 * @param slot the index of a slot
 * @param above how far the ballot is above the lowest legal one, >= 0
 * @param length of the value, in bytes
 */
record LogStep(Kind kind, int slot, int above, int length) {
    private static final int TRIMMED_SLOTS_MAX = 6; // the last slots stay, so that something is left to test

    enum Kind {
        /** Promises for all slots. */
        PROMISE(false),
        /** Promises for one slot. */
        PROMISE_SLOT(true),
        /** Accepts in a ballot that keeps all promises. */
        ACCEPT(true),
        /** Accepts a chosen value, in a ballot above that of the value there. It can be below what is promised. */
        LEARN(true),
        /** Tries a value that is too long. */
        ACCEPT_TOO_LONG(true),
        /** Calls sync. */
        SYNC(false),
        /** Calls sync, and waits until everything appended is durable. */
        WAIT(false),
        /** Trims through a slot. */
        TRIM(false),
        /** Closes the log and opens it again. */
        REOPEN(false),
        /** Opens what a crash would leave of the log. */
        CRASH(false);

        private final boolean isAboutOneSlot;

        Kind(final boolean isAboutOneSlot) {
            this.isAboutOneSlot = isAboutOneSlot;
        }
    }

    void run(final LogProbe probe, final long[] slots, final int longestTried) {
        final LogState state = probe.state();
        final long at = slots[slot % slots.length];
        if (at < state.firstSlot() && kind.isAboutOneSlot) {
            probe.refusesTrimmed(at);
            return;
        }
        switch (kind) {
            case PROMISE -> probe.promise(Math.max(1, state.promised()) + above);
            case PROMISE_SLOT -> probe.promise(Math.max(1, state.promised(at)) + above, at);
            case ACCEPT ->
                probe.accept(
                        Math.max(state.promised(at), state.acceptedBallot(at) + 1) + above,
                        at,
                        chosen(state),
                        bytes(longestTried));
            case LEARN -> probe.accept(state.acceptedBallot(at) + 1 + above, at, chosen(state), bytes(longestTried));
            case ACCEPT_TOO_LONG -> {
                if (longestTried == probe.log().valueLengthMax()) {
                    probe.acceptTooLong(state.promised(at) + 1, at);
                }
            }
            case SYNC -> probe.sync();
            case WAIT -> probe.syncAndWait();
            case TRIM -> probe.trim(slots[slot % Math.min(slots.length, TRIMMED_SLOTS_MAX)]);
            case REOPEN -> probe.reopen();
            case CRASH -> probe.crash();
        }
    }

    private long chosen(final LogState state) {
        return state.chosenThrough() + above % 2;
    }

    private int bytes(final int longestTried) {
        return Math.min(length, longestTried);
    }
}
