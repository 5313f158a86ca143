package io.paxos.replica;

/** Does several things, each of them also if one before has failed. */
final class AllOf {
    private AllOf() {}

    /** Runs all of these. Throws what the first one that failed has thrown; what others have thrown is suppressed. */
    static void run(final Runnable... all) {
        Throwable first = null;
        for (final Runnable one : all) {
            try {
                one.run();
            } catch (final RuntimeException | Error e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first instanceof Error error) {
            throw error;
        }
        if (first instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
