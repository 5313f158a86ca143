package io.paxos.transport.tcp;

import java.util.HashSet;
import java.util.Set;

/** Which refusals have been logged, so that a peer that tries again and again does not fill the log. Bounded. */
final class LoggedRefusals {
    private final int countMax;
    private final Set<String> logged = new HashSet<>(); // at most countMax

    LoggedRefusals(final int countMax) {
        this.countMax = countMax;
    }

    /** Whether this refusal is to be logged: it was not since {@link #clear}, and not too many others were. */
    boolean isNew(final String refusal) {
        return logged.size() < countMax && logged.add(refusal);
    }

    /** The peer was welcome in between: a later refusal is news. */
    void clear() {
        logged.clear();
    }
}
