package io.paxos.replica;

import io.paxos.transfer.TransferEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to the log of the process what happens with snapshots that one replica sends and receives. */
record TransferLog(int self) implements TransferEvents {
    private static final Logger LOGGER = LoggerFactory.getLogger(TransferLog.class);

    @Override
    public void receiving(final long slot, final int from, final long position, final long length) {
        LOGGER.info(
                "replica {} lacks what the others have trimmed: it receives the snapshot of slot {} from {}, from byte"
                        + " {} of {} on",
                self,
                slot,
                from,
                position,
                length);
    }

    @Override
    public void installed(final long slot, final long length) {
        LOGGER.info("replica {} goes on from the snapshot of slot {} that it received, {} bytes", self, slot, length);
    }

    @Override
    public void notReceived(final long slot, final int from, final String why) {
        LOGGER.warn("replica {} stops receiving the snapshot of slot {} from {}: {}", self, slot, from, why);
    }

    @Override
    public void givenUp(final long slot, final String why) {
        LOGGER.warn("replica {} gives up the part of the snapshot of slot {} that it has: {}", self, slot, why);
    }

    @Override
    public void notHeld(final long slot, final String why) {
        LOGGER.warn("replica {} cannot send its snapshot of slot {} to anybody: {}", self, slot, why);
    }

    @Override
    public void notSent(final long slot, final int to, final String why) {
        LOGGER.warn("replica {} cannot send its snapshot of slot {} to {}: {}", self, slot, to, why);
    }
}
