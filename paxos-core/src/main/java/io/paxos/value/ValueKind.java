package io.paxos.value;

/**
 * What a value is for, and from which feature level on replicas understand it.
 *
 * <p>A kind that is not understood stops a replica before it executes the value: to skip it would make replicas differ.
 * All codes, also those that no build understands yet:
 *
 * <pre>
 * code  kind      feature level
 *    0  NOOP      1              a value without bytes; this code is never written
 *    1  COMMANDS  1
 *    2  STOP      reserved       the last value of an epoch
 *    3  SESSION   reserved       opens or ends a session of a client
 *    4  TIMER     reserved       sets or cancels a timer of the state machine
 * </pre>
 */
public enum ValueKind {
    /** Nothing to execute: a new leader fills a slot with it in which no value may have been chosen. */
    NOOP(0, 1),
    /** Commands, one behind the other. */
    COMMANDS(1, 1);

    /** The feature level of this build: all kinds of this level and below can be executed. */
    public static final int FEATURE_LEVEL = 1;

    private final int code;
    private final int featureLevel;

    ValueKind(final int code, final int featureLevel) {
        this.code = code;
        this.featureLevel = featureLevel;
    }

    /** The first four bytes of a value of this kind. */
    public int code() {
        return code;
    }

    /** The kind with this code; null if this build knows none. No allocation. */
    public static ValueKind of(final int code) {
        return switch (code) {
            case 0 -> NOOP;
            case 1 -> COMMANDS;
            default -> null;
        };
    }

    /** Whether replicas at this feature level execute this kind. */
    public boolean isUnderstoodAt(final int level) {
        return level >= featureLevel;
    }
}
