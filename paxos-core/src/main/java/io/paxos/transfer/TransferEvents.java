package io.paxos.transfer;

/** What happens with snapshots that are sent and received, for the log of the process. */
public interface TransferEvents {
    /** This replica receives a snapshot. It has {@code position} of {@code length} bytes already. */
    void receiving(long slot, int from, long position, long length);

    /** A snapshot from another replica is the state now. */
    void installed(long slot, long length);

    /** The snapshot cannot be received from this replica, and why. It is tried again. */
    void notReceived(long slot, int from, String why);

    /** A part of this snapshot is here, and is given up, and why. Another one is begun. */
    void givenUp(long slot, String why);

    /** A snapshot that was there at the start cannot be sent to any replica, and why. */
    void notHeld(long slot, String why);

    /** The snapshot cannot be sent to this replica, and why. */
    void notSent(long slot, int to, String why);
}
