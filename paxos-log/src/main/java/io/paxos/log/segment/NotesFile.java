package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file {@code MEMBERS}: what the replica remembers of itself and of the others. The bytes are its own, with a
 * checksum of its own.
 *
 * <p>Replaced as a whole: written to the side, forced, then renamed into place.
 */
final class NotesFile {
    static final String FILE = "MEMBERS";

    private NotesFile() {}

    /** What was written last; empty if nothing was. */
    static byte[] read(final Path directory) throws IOException {
        final Path file = directory.resolve(FILE);
        return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    }

    static void write(final Path directory, final byte[] notes, final Disk disk) throws IOException {
        final Path temporary = directory.resolve(FILE + ".new");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            disk.write(channel, ByteBuffer.wrap(notes), 0);
            disk.force(temporary, channel, true);
        }
        Files.move(temporary, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        disk.forceDirectory(directory);
    }
}
