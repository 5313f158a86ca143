package io.paxos.testkit.sim.schedule;

/** A place within the duty cycle at which a process can die. */
@FunctionalInterface
public interface CrashPoint {
    /** Returns, or throws {@link SimulatedCrash}. */
    void pass();
}
