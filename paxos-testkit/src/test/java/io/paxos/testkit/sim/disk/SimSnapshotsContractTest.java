package io.paxos.testkit.sim.disk;

import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.contract.snapshot.SnapshotStoreContract;
import io.paxos.testkit.memory.ForwardingLog;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The store of the simulator keeps the contract. Its log is never closed, so each closing is a crash. */
class SimSnapshotsContractTest extends SnapshotStoreContract {
    private final Map<Path, SimDisk> disks = new HashMap<>();
    private final EventQueue events = new EventQueue();

    @Override
    protected AcceptorLog open(final Path directory) {
        final SimDisk disk = disks.computeIfAbsent(
                directory,
                path -> new SimDisk(1, events, new SimRandom(3), new Values(), new DiskObserver() {}, new Situations())
                        .forceTakes(1_000));
        return new ForwardingLog(disk.open(1024, () -> {})) {
            @Override
            public void close() {
                disk.crash(true);
            }
        };
    }

    @Override
    protected void letWork() {
        while (events.size() > 0) {
            events.runNext(Long.MAX_VALUE / 2);
        }
    }

    @Override
    protected int lengthTried() {
        return 10_000;
    }

    /** A crash keeps a random part. */
    @Override
    protected int lossMax() {
        return lengthTried();
    }
}
