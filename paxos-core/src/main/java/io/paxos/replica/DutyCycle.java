package io.paxos.replica;

/** Work that one thread does over and over: what a {@link Runner} runs, and a host drives. */
interface DutyCycle {
    /** One turn. Returns the amount of work done; 0 if there is nothing to do before {@link #nextWorkNs}. */
    int doWork();

    /** When {@link #doWork} has to be called again at the latest, if nothing comes in before. */
    long nextWorkNs();

    /** Whether messages wait here until the disk has done its part. */
    boolean awaitsDisk();

    /** Something outside of a turn has failed: it stops as if a turn had. */
    void fail(Throwable cause);

    /** Any thread: {@code what} holds up the replica or its callers since {@code durationNs}; null: nothing does. */
    void heldUp(String what, long durationNs);

    /** Ends all work; whatever waits gets its outcome. Idempotent. */
    void stop();

    boolean isStopped();

    /** Why it has stopped; null if it runs or was closed. */
    Throwable fault();
}
