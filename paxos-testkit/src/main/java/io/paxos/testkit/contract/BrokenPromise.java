package io.paxos.testkit.contract;

import java.util.Objects;

/** An implementation does not keep its contract; the message says in one line which promise it breaks, and how. */
public final class BrokenPromise extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String promise;

    BrokenPromise(final String promise, final String how) {
        super("broken promise: " + promise + ": " + how);
        this.promise = promise;
    }

    BrokenPromise(final String promise, final Throwable thrown) {
        super("broken promise: " + promise + ": " + thrown, thrown);
        this.promise = promise;
    }

    /** The promise alone: a message that is the same for each way to break it. */
    public String promise() {
        return promise;
    }

    static void requireEqual(final String promise, final String what, final Object expected, final Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new BrokenPromise(promise, what + " is " + actual + ", expected " + expected);
        }
    }
}
