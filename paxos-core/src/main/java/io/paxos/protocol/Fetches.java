package io.paxos.protocol;

/**
 * The ranges of slots whose chosen values this replica has asked for, or has to ask for again.
 *
 * <p>Ranges are disjoint. Each one begins at its first slot that is not known chosen here, so it gets shorter from the
 * left as values arrive. A bounded table, without allocation.
 */
final class Fetches {
    /** The most ranges at once. */
    static final int MAX = 16;

    private final Learner learner;
    private final Fetch[] fetches = new Fetch[MAX]; // the first size ones are in use
    private final int[] waitingOf; // by voter: how many answers of it are on their way
    private int waiting; // the sum of waitingOf
    private int size;
    private long number; // of the last question; only grows

    /** {@code voters}: how many there are. */
    Fetches(final int voters, final Learner learner) {
        this.learner = learner;
        waitingOf = new int[voters];
        for (int i = 0; i < MAX; i++) {
            fetches[i] = new Fetch();
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** How many answers are on their way. */
    int waiting() {
        return waiting;
    }

    /** How many answers of this voter are on their way. */
    int waiting(final int voter) {
        return waitingOf[voter];
    }

    /** The range with this slot, or null. */
    Fetch find(final long slot) {
        for (int i = 0; i < size; i++) {
            if (slot >= fetches[i].from && slot <= fetches[i].through) {
                return fetches[i];
            }
        }
        return null;
    }

    /** The first range that has to be asked for, or null. */
    Fetch lowestLost() {
        Fetch lowest = null;
        for (int i = 0; i < size; i++) {
            if (!fetches[i].isWaiting() && (lowest == null || fetches[i].from < lowest.from)) {
                lowest = fetches[i];
            }
        }
        return lowest;
    }

    /** The first slot that is not known chosen here and in no range; {@code limit + 1} if all through it are. */
    long nextMissing(final long fromSlot, final long limit) {
        long slot = fromSlot;
        while (slot <= limit) {
            final Fetch fetch = find(slot);
            if (fetch != null) {
                slot = fetch.through + 1;
            } else if (learner.isKnownChosen(slot)) {
                slot++;
            } else {
                return slot;
            }
        }
        return limit + 1;
    }

    /** The last slot to ask for with {@code fromSlot}, which is missing: at most {@code throughSlot}. */
    long lastMissing(final long fromSlot, final long throughSlot) {
        long through = throughSlot;
        for (int i = 0; i < size; i++) {
            if (fetches[i].from > fromSlot) {
                through = Math.min(through, fetches[i].from - 1);
            }
        }
        while (through > fromSlot && learner.isKnownChosen(through)) {
            through--;
        }
        return through;
    }

    /** A range to ask for. Only while not all ranges are in use. */
    Fetch add(final long fromSlot, final long throughSlot) {
        assert size < MAX : "size=" + size;
        final Fetch fetch = fetches[size++];
        fetch.from = fromSlot;
        fetch.through = throughSlot;
        fetch.voter = Fetch.NONE;
        fetch.lastVoter = Fetch.NONE;
        return fetch;
    }

    /** This voter is asked for the range. */
    void asked(final Fetch fetch, final int voter) {
        assert !fetch.isWaiting() : "voter=" + fetch.voter;
        fetch.voter = voter;
        fetch.lastVoter = voter;
        fetch.number = ++number;
        fetch.ticks = 0;
        fetch.bytes = 0;
        fetch.isHeard = false;
        fetch.isPassed = false;
        waitingOf[voter]++;
        waiting++;
    }

    /** How many bytes of values are expected when this range is asked for, if a value has so many. */
    long bytesWith(final Fetch fetch, final int valueBytes) {
        long bytes = fetch.expectedBytes(valueBytes);
        for (int i = 0; i < size; i++) {
            if (fetches[i].isWaiting()) {
                bytes += fetches[i].expectedBytes(valueBytes);
            }
        }
        return bytes;
    }

    /**
     * A value of the range has arrived from the voter that was asked for it, and is in the log. Returns whether the
     * answer is complete. If it ended early, the rest is to be asked for.
     */
    boolean arrived(final Fetch fetch, final long slot, final int length) {
        fetch.received();
        fetch.bytes += length;
        final boolean isLast = slot == fetch.through;
        final boolean isKnown = fetch.isKnownAfterAdvance(learner);
        final boolean isCut = fetch.bytes >= CatchUp.FETCH_BYTES;
        if (isLast || isKnown || isCut) {
            pass(fetch);
        }
        if (isKnown) {
            remove(fetch);
        } else if (isCut) {
            stop(fetch);
            fetch.lastVoter = Fetch.NONE;
        }
        return isKnown || isCut;
    }

    /** The answers of this voter are lost, or will not come. */
    void lost(final int voter) {
        for (int i = 0; i < size; i++) {
            if (fetches[i].voter == voter) {
                stop(fetches[i]);
            }
        }
    }

    /**
     * Time has passed. The rest of an answer is lost if its last value, or that of a later question, is here and no
     * other one has come since the last tick. Returns whether one was lost.
     */
    boolean tick() {
        boolean isLoss = false;
        for (int i = 0; i < size; i++) {
            final Fetch fetch = fetches[i];
            fetch.ticks++;
            if (fetch.isWaiting() && fetch.isPassed && !fetch.isHeard) {
                stop(fetch);
                isLoss = true;
            }
            fetch.isHeard = false;
        }
        return isLoss;
    }

    /** Forgets the ranges that are known chosen here. */
    void removeKnown() {
        for (int i = size - 1; i >= 0; i--) {
            if (fetches[i].isKnownAfterAdvance(learner)) {
                remove(fetches[i]);
            }
        }
    }

    void remove(final Fetch fetch) {
        stop(fetch);
        int i = 0;
        while (fetches[i] != fetch) {
            i++;
        }
        fetches[i] = fetches[--size];
        fetches[size] = fetch;
    }

    /** The last value of an answer is here. The same voter has sent those to earlier questions before, or never. */
    private void pass(final Fetch fetch) {
        for (int i = 0; i < size; i++) {
            if (fetches[i].voter == fetch.voter && fetches[i].number <= fetch.number) {
                fetches[i].isPassed = true;
            }
        }
    }

    private void stop(final Fetch fetch) {
        if (fetch.isWaiting()) {
            waitingOf[fetch.voter]--;
            waiting--;
            fetch.voter = Fetch.NONE;
        }
    }

    /** One range. */
    static final class Fetch {
        private static final int NONE = -1;

        private long from; // not known chosen here when it was last looked at; never falls while in use
        private long through; // >= from, unless all of it is known chosen
        private int voter; // whose answer is on its way; NONE if it has to be asked for
        private int lastVoter; // that was asked, and whose answer was lost; NONE if none was
        private long number; // of the question: answers of one voter come in this order on one connection
        private int ticks; // since the question
        private int bytes; // of values that have arrived since the question
        private boolean isHeard; // whether one has arrived since the last tick
        private boolean isPassed; // whether the end of the answer is here, or that of a later question to the voter

        long from() {
            return from;
        }

        long through() {
            return through;
        }

        int lastVoter() {
            return lastVoter;
        }

        int ticks() {
            return ticks;
        }

        boolean isAskedOf(final int aVoter) {
            return isWaiting() && voter == aVoter;
        }

        /** A value of the range has arrived. */
        void received() {
            isHeard = true;
        }

        /** Leaves out what lies above this slot. Only if it has to be asked for. */
        void limit(final long throughSlot) {
            assert !isWaiting() : "voter=" + voter;
            through = Math.min(through, throughSlot);
        }

        private boolean isWaiting() {
            return voter != NONE;
        }

        private boolean isKnownAfterAdvance(final Learner learner) {
            while (from <= through && learner.isKnownChosen(from)) {
                from++;
            }
            return from > through;
        }

        private long expectedBytes(final int valueBytes) {
            return Math.min((through - from + 1) * valueBytes, CatchUp.FETCH_BYTES + valueBytes);
        }
    }
}
