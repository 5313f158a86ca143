package io.paxos.testkit.check;

import java.util.Objects;

/**
 * One operation of a history, as its client saw it.
 *
 * <p>Times come from one monotonic clock that all clients share. A history leaves out operations that surely were not
 * executed. A client can have several operations under way, and can go on after an unknown one.
 *
 * @param client the client that asked; for people
 * @param key what it was about; operations with different keys do not affect each other
 * @param callNs just before it was asked
 * @param returnNs just after it was answered, >= {@code callNs}; {@link #NEVER} if it is unknown whether it was
 *     executed
 * @param action what was asked, and the answer
 */
public record Operation<A>(int client, String key, long callNs, long returnNs, A action) {
    /** The return time of an operation of unknown outcome. */
    public static final long NEVER = Long.MAX_VALUE;

    public Operation {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(action, "action");
        if (returnNs < callNs) {
            throw new IllegalArgumentException("returned before it was called: callNs=" + callNs + " returnNs="
                    + returnNs + ": " + action + " of client " + client);
        }
    }

    /** An operation of unknown outcome: it was executed, will be executed later, or never. */
    public static <A> Operation<A> unknown(final int client, final String key, final long callNs, final A action) {
        return new Operation<>(client, key, callNs, NEVER, action);
    }

    public boolean isUnknown() {
        return returnNs == NEVER;
    }

    @Override
    public String toString() {
        final String returned = isUnknown() ? "?" : Long.toString(returnNs);
        return "client " + client + " [" + callNs + ", " + returned + "] " + action;
    }
}
