package io.paxos.testkit.sim;

import io.paxos.Status;
import io.paxos.testkit.sim.disk.DiskObserver;
import io.paxos.testkit.sim.net.PacketObserver;

/** Sees all that happens in a cluster, as it happens. What it is told costs nothing to tell. */
interface SimEvents extends DiskObserver, PacketObserver {
    default void started(final int id, final int life) {}

    /** A member stays down: its log cannot be opened. */
    default void refused(final int id, final String why) {}

    default void crashes(final int id, final int unforced) {}

    default void paused(final int id) {}

    default void resumed(final int id) {}

    /** A replica has stopped for good. */
    default void stopped(final int id, final Throwable cause) {}

    default void role(final int id, final Status.Role role, final int leaderId, final long ballot) {}

    /** A cycle has ended: how far the member knows values chosen, and has applied them. */
    default void worked(final int id, final Status status) {}

    /** A client and a member have dealt with a command. {@code slot}: 0 if that is not known. */
    default void client(final int id, final String what, final long number, final long slot) {}

    /** A slot has a chosen value, which nobody may know yet. */
    default void chosen(final long slot, final long ballot, final int value) {}

    /** A schedule is about to do this to the cluster. */
    default void step(final Step step) {}

    /** Sees nothing. */
    SimEvents NONE = new SimEvents() {};
}
