package org.example;

import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.contract.log.AcceptorLogContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

class JournalLogTest extends AcceptorLogContract {
    @Override
    protected AcceptorLog open(final Path directory) {
        try {
            return new JournalLog(directory.resolve("journal"));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process dies; what it has written stays. */
    @Override
    protected Optional<Path> crashed(final Path directory) throws IOException {
        final Path left = newDirectory();
        Files.copy(directory.resolve("journal"), left.resolve("journal"));
        return Optional.of(left);
    }

    @Override
    protected boolean trims() {
        return false;
    }
}
