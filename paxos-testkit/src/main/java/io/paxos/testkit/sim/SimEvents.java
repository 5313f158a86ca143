package io.paxos.testkit.sim;

import io.paxos.Status;
import io.paxos.testkit.sim.disk.DiskObserver;
import io.paxos.testkit.sim.net.PacketObserver;

/** Observes all events of a cluster. A call makes no text, so it costs nothing without a recorder. */
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

    /** A duty cycle has ended with this status. */
    default void worked(final int id, final Status status) {}

    /** A client has sent a command or a read, or has received its outcome. {@code slot} is 0 if it is not known. */
    default void client(final int id, final String what, final long number, final long slot) {}

    /** A slot has a chosen value. Perhaps no member knows it yet. */
    default void chosen(final long slot, final long ballot, final int value) {}

    /** A step of a schedule is about to be applied. */
    default void step(final Step step) {}

    /** Ignores all events. */
    SimEvents NONE = new SimEvents() {};
}
