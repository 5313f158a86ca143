package io.paxos.testkit.contract.snapshot;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.SnapshotStore;
import io.paxos.testkit.memory.ForwardingLog;
import io.paxos.testkit.memory.MemoryDisk;
import io.paxos.testkit.memory.MemorySnapshots;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The reference keeps the contract. What must not keep it is made of it, by {@link #broken}. */
class MemorySnapshotsContractTest extends SnapshotStoreContract {
    private final Map<Path, MemorySnapshots> stores = new HashMap<>();

    @Override
    protected AcceptorLog open(final Path directory) {
        final MemorySnapshots intact = stores.computeIfAbsent(directory, path -> new MemorySnapshots(1));
        final SnapshotStore store = broken(intact);
        return new ForwardingLog(new MemoryDisk(1000).open()) {
            @Override
            public SnapshotStore snapshots() {
                return store;
            }

            @Override
            public void close() {
                intact.interrupt();
                super.close();
            }
        };
    }

    @Override
    protected boolean damage(final Path directory, final long slot, final long position) {
        stores.get(directory).flip(slot, position);
        return true;
    }

    SnapshotStore broken(final SnapshotStore store) {
        return store;
    }
}
