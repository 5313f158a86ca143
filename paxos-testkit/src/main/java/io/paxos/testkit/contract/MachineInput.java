package io.paxos.testkit.contract;

/**
 * What a state machine is given.
 *
 * @param slotsOn how many slots it is after the one before, >= 0
 * @param msOn how many milliseconds of cluster time it is after the one before, >= 0
 */
record MachineInput(Kind kind, byte[] bytes, int slotsOn, int msOn) {
    enum Kind {
        COMMAND,
        QUERY
    }

    @Override
    public String toString() {
        return kind + " " + Bytes.text(bytes) + " +" + slotsOn + " slots +" + msOn + " ms";
    }
}
