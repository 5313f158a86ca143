package io.paxos.testkit.sim.schedule;

/** A place within the duty cycle at which a process may die. */
@FunctionalInterface
public interface CrashPoint {
    /** Passes, or throws {@link SimulatedCrash}. */
    void pass();
}
