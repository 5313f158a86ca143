package io.paxos.testkit.sim;

/** A place within the duty cycle at which a process may die. */
@FunctionalInterface
interface CrashPoint {
    /** Passes, or throws {@link SimulatedCrash}. */
    void pass();
}
