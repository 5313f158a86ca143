package io.paxos.testkit.contract;

import java.util.Objects;

/** An implementation does not keep its contract. The message names the broken promise and shows how it is broken. */
public final class BrokenPromise extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String promise;

    /** For contracts: {@code promise} is one of their constants, {@code how} is what was seen. */
    public BrokenPromise(final String promise, final String how) {
        super("broken promise: " + promise + ": " + how);
        this.promise = promise;
    }

    /** For contracts: {@code thrown} is what the implementation threw. */
    public BrokenPromise(final String promise, final Throwable thrown) {
        super("broken promise: " + promise + ": " + thrown, thrown);
        this.promise = promise;
    }

    /** The promise alone, the same text for each way to break it. */
    public String promise() {
        return promise;
    }

    /** Throws if the two differ; {@code what} names the compared thing. */
    public static void requireEqual(
            final String promise, final String what, final Object expected, final Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new BrokenPromise(promise, what + " is " + actual + ", expected " + expected);
        }
    }
}
