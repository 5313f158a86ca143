package io.paxos.testkit.contract.log;

import io.paxos.log.ChronicleLog;
import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
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

    /** The log goes on to delete trimmed segments, so the copy is made anew until nothing changed meanwhile. */
    @Override
    protected Optional<Path> crashed(final Path directory) throws IOException {
        final Path bottom = directory.resolve("log").resolve("BOTTOM");
        Path left = newDirectory();
        String before = content(bottom);
        while (!hasCopied(directory, left) || !content(bottom).equals(before)) {
            left = newDirectory();
            before = content(bottom);
        }
        return Optional.of(left);
    }

    /** Returns false if a file was deleted meanwhile. */
    private static boolean hasCopied(final Path directory, final Path left) throws IOException {
        try {
            copy(directory, left);
            return true;
        } catch (NoSuchFileException | UncheckedIOException e) {
            return false;
        }
    }

    private static void copy(final Path directory, final Path left) throws IOException {
        try (Stream<Path> paths = Files.walk(directory.resolve("log"))) {
            for (final Path path : paths.sorted().toList()) {
                Files.copy(path, left.resolve(directory.relativize(path).toString()));
            }
        }
    }

    private static String content(final Path file) throws IOException {
        return Files.exists(file) ? Arrays.toString(Files.readAllBytes(file)) : "";
    }
}
