package io.paxos.testkit.sim.schedule;

/** Unwinds the stack of a replica whose process dies at this point. The simulator catches it. */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    public SimulatedCrash() {
        super("the process dies at this crash point", null, false, false);
    }
}
