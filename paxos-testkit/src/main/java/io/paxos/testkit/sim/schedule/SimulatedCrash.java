package io.paxos.testkit.sim.schedule;

/** Unwinds the stack of a replica whose process dies at this point. Never leaves this package. */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    public SimulatedCrash() {
        super("the process dies here, as the schedule says", null, false, false);
    }
}
