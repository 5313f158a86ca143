package io.paxos.testkit.sim;

import io.paxos.testkit.sim.schedule.Situation;

/**
 * The code of a client that is told the outcomes of one life. In some seeds it rarely does what code of users does:
 * throws an exception or an {@link Error}, takes long, submits again, or closes the replica.
 *
 * <p>An exception changes nothing for the replica. An {@link Error} and a close end it, with an outcome for each
 * command that waits. Neither happens in a phase without faults.
 */
final class SimClient {
    /** Thrown by the code of the client. */
    static final class ClientError extends Error {
        private static final long serialVersionUID = 1L;

        ClientError() {
            super("of a client", null, false, false);
        }
    }

    private static final int LENGTH_MIN = 16;
    private static final int LENGTHS = 25;
    private static final int KINDS = 6;

    private final SimNode node;
    private final SimLife life;
    private boolean isEnding; // an Error was thrown, or the replica was closed; true for good

    SimClient(final SimNode node, final SimLife life) {
        this.node = node;
        this.life = life;
    }

    /** Whether the replica has ended because of this code, or will end with its next turn. */
    boolean isEnding() {
        return isEnding;
    }

    /** An outcome was told. */
    void called() {
        if (node.setup.clientFaultOneIn > 0 && node.random.below(node.setup.clientFaultOneIn) == 0) {
            misbehave(node.random.below(KINDS));
        }
    }

    private void misbehave(final int kind) {
        node.invariants.situations.saw(Situation.CLIENT_CODE_MISBEHAVES);
        switch (kind) {
            case 0 -> throw new IllegalStateException("of a client");
            case 1 -> node.block(node.random.between(0, node.setup.heartbeatIntervalNs));
            case 2 -> {
                if (node.world.hasFaults) {
                    isEnding = true;
                    throw new ClientError();
                }
            }
            case 3 -> {
                if (node.world.hasFaults) {
                    isEnding = true;
                    life.replica().close();
                }
            }
            default -> life.submit(LENGTH_MIN + node.random.below(LENGTHS));
        }
    }
}
