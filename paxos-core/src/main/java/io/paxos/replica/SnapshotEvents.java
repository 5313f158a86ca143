package io.paxos.replica;

import io.paxos.execution.Snapshots;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to the log of the process what happens with the snapshots of one replica. */
record SnapshotEvents(int self) implements Snapshots.Events {
    private static final Logger LOGGER = LoggerFactory.getLogger(SnapshotEvents.class);

    @Override
    public void restored(final long slot, final long length) {
        LOGGER.info("replica {} starts from its snapshot of slot {}, {} bytes", self, slot, length);
    }

    @Override
    public void notUsed(final long slot, final String why) {
        LOGGER.warn("replica {} does not use its snapshot of slot {}: {}", self, slot, why);
    }

    @Override
    public void durable(final long slot, final long length, final long pauseNs) {
        LOGGER.info(
                "replica {} has a snapshot of slot {}: {} bytes, no slice took longer than {} us",
                self,
                slot,
                length,
                pauseNs / 1_000);
    }

    @Override
    public void failed(final long slot, final String why) {
        LOGGER.warn("replica {} has no snapshot of slot {}: {}", self, slot, why);
    }
}
