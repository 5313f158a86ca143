package io.paxos.testkit.sim;

/** Unwinds the stack of a replica whose process dies at this point. Never leaves this package. */
final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    SimulatedCrash() {
        super("the process dies here, as the schedule says", null, false, false);
    }
}
