package io.paxos.testkit.contract.snapshot;

import io.paxos.log.ChronicleLog;
import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** The store of the log that we ship keeps the contract. */
class ChronicleSnapshotsContractTest extends SnapshotStoreContract {
    private static final int HEADER_BYTES = 40;
    private static final int CHUNK_HEADER_BYTES = 8;
    private static final int CHUNK_BYTES = 256 << 10;

    @Override
    protected AcceptorLog open(final Path directory) {
        return ChronicleLog.builder(directory.resolve("log"), 1, 1)
                .segmentBytes(320 << 10)
                .valueLengthMax(8 << 10)
                .open();
    }

    @Override
    protected int lossMax() {
        return CHUNK_BYTES;
    }

    @Override
    protected boolean damage(final Path directory, final long slot, final long position) throws IOException {
        final Path file = directory.resolve("log/snapshots").resolve(String.format("snapshot-%019d", slot));
        final long at = HEADER_BYTES + position + (position / CHUNK_BYTES + 1) * CHUNK_HEADER_BYTES;
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            final int found = bytes.read();
            bytes.seek(at);
            bytes.write(found ^ 1);
        }
        return true;
    }
}
