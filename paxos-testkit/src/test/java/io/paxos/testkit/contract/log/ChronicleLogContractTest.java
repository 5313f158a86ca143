package io.paxos.testkit.contract.log;

import io.paxos.log.ChronicleLog;
import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The log that we ship keeps the contract. A crash is the death of the process: what was written stays. */
class ChronicleLogContractTest extends AcceptorLogContract {
    private static final int SEGMENT_BYTES = 320 << 10;
    private static final int VALUE_LENGTH_MAX = 8 << 10;

    @Override
    protected AcceptorLog open(final Path directory) {
        return ChronicleLog.builder(directory.resolve("log"), 1, 1)
                .segmentBytes(SEGMENT_BYTES)
                .valueLengthMax(VALUE_LENGTH_MAX)
                .open();
    }

    @Override
    protected Optional<Path> crashed(final Path directory) throws IOException {
        final Path left = newDirectory();
        try (Stream<Path> paths = Files.walk(directory.resolve("log"))) {
            for (final Path path : paths.sorted().toList()) {
                Files.copy(path, left.resolve(directory.relativize(path).toString()));
            }
        }
        return Optional.of(left);
    }
}
