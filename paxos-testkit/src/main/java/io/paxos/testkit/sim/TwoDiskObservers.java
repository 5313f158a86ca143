package io.paxos.testkit.sim;

import io.paxos.testkit.sim.disk.DiskObserver;

/** Passes each event of a disk to two observers. The recorder comes first, because the rules can throw. */
record TwoDiskObservers(DiskObserver listener, DiskObserver truth) implements DiskObserver {
    @Override
    public void promiseAppended(final int replica, final long ballot, final long slot) {
        listener.promiseAppended(replica, ballot, slot);
        truth.promiseAppended(replica, ballot, slot);
    }

    @Override
    public void acceptAppended(
            final int replica, final long ballot, final long slot, final long chosenThrough, final int value) {
        listener.acceptAppended(replica, ballot, slot, chosenThrough, value);
        truth.acceptAppended(replica, ballot, slot, chosenThrough, value);
    }

    @Override
    public void hardening(final int replica, final int records) {
        listener.hardening(replica, records);
        truth.hardening(replica, records);
    }

    @Override
    public void promiseDurable(final int replica, final long ballot, final long slot) {
        listener.promiseDurable(replica, ballot, slot);
        truth.promiseDurable(replica, ballot, slot);
    }

    @Override
    public void acceptDurable(final int replica, final long ballot, final long slot, final int value) {
        listener.acceptDurable(replica, ballot, slot, value);
        truth.acceptDurable(replica, ballot, slot, value);
    }

    @Override
    public void snapshotDurable(final int replica, final long slot) {
        listener.snapshotDurable(replica, slot);
        truth.snapshotDurable(replica, slot);
    }

    @Override
    public void trimmed(final int replica, final long throughSlot, final long snapshotSlot) {
        listener.trimmed(replica, throughSlot, snapshotSlot);
        truth.trimmed(replica, throughSlot, snapshotSlot);
    }

    @Override
    public void crashed(final int replica, final int recordsLost) {
        listener.crashed(replica, recordsLost);
        truth.crashed(replica, recordsLost);
    }
}
