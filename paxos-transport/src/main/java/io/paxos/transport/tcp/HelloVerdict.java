package io.paxos.transport.tcp;

/**
 * Whether the sender of a hello is admitted, and why not.
 *
 * @param text for the logs of both sides, in one line; empty if the sender is welcome
 */
record HelloVerdict(Admission admission, String text) {
    static final HelloVerdict WELCOME = new HelloVerdict(Admission.WELCOME, "");

    /** What tells this refusal from another one, without what changes each time. */
    static String key(final Admission admission, final String text) {
        return admission == Admission.ALREADY_CONNECTED ? admission.name() : text;
    }

    boolean isWelcome() {
        return admission == Admission.WELCOME;
    }
}
