package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code FORCE_FAILED}: one line that says when and why a force failed. The next opening logs it.
 *
 * <p>Nothing depends on it: a disk that fails may fail to take it too.
 */
final class FailureMark {
    static final String FILE = "FORCE_FAILED";

    private static final Logger LOGGER = LoggerFactory.getLogger(FailureMark.class);

    private FailureMark() {}

    /** Not through {@link Disk}: no test counts on it, and the log that has failed does nothing else with its disk. */
    static void write(final Path directory, final String message) throws IOException {
        final String line = Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + message + System.lineSeparator();
        try (FileChannel channel = FileChannel.open(
                directory.resolve(FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        new Disk().forceDirectory(directory);
    }

    /** Logs the line and deletes the file. All records that were read are durable now. */
    static void report(final Path directory) throws IOException {
        final Path file = directory.resolve(FILE);
        if (Files.isRegularFile(file)) {
            LOGGER.warn(
                    "this log stopped when a force had failed: {}. What could still be read was copied and forced",
                    new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip());
            Files.delete(file);
        }
    }
}
