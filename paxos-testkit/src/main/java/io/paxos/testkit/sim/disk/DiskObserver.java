package io.paxos.testkit.sim.disk;

import io.paxos.testkit.sim.value.Values;

/** Observes each record on the disks. Slot 0 stands for all slots. Values are numbers of {@link Values}. */
public interface DiskObserver {
    /** A promise was appended; it is not durable yet. */
    default void promiseAppended(final int replica, final long ballot, final long slot) {}

    /** An accepted value was appended; it is not durable yet. */
    default void acceptAppended(
            final int replica, final long ballot, final long slot, final long chosenThrough, final int value) {}

    /** {@code records} records are about to become durable, one after another. */
    default void hardening(final int replica, final int records) {}

    /** A promise is durable now. */
    default void promiseDurable(final int replica, final long ballot, final long slot) {}

    /** An accepted value is durable now. */
    default void acceptDurable(final int replica, final long ballot, final long slot, final int value) {}

    /** A snapshot of all slots through this one is durable now. */
    default void snapshotDurable(final int replica, final long slot) {}

    /** All slots through this one were given up. The newest durable snapshot here is of {@code snapshotSlot}. */
    default void trimmed(final int replica, final long throughSlot, final long snapshotSlot) {}

    /** The process has died and has lost {@code recordsLost} records that were not durable. */
    default void crashed(final int replica, final int recordsLost) {}
}
