package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The file {@code BOTTOM}: where the log begins since it was trimmed. Without it the log begins with segment 1.
 *
 * <pre>
 * crc32c int | magic int | format int | segment int | incarnation int | 0 int
 * | storageId long | sequence long | firstSlot long
 * </pre>
 *
 * <p>A segment below {@code segment} may be deleted once this file is durable. So the file is replaced as a whole: it
 * is written to the side, forced, then renamed into place, and the directory is forced.
 *
 * <p>Example: segments 1 to 5 are there, and slots through 900 are trimmed. Segments 1 and 2 hold slots through 870,
 * segment 3 holds slots 871 to 1300. The file says segment 3 and slot 901. Then segments 1 and 2 are deleted.
 *
 * @param segment the number of the first segment that is kept
 * @param incarnation the one that wrote that segment
 * @param sequence that of the first record in that segment, which was durable before this file was written
 * @param firstSlot every slot below it was trimmed
 */
record Bottom(int segment, int incarnation, long sequence, long firstSlot) {
    static final String FILE = "BOTTOM";

    /** That of a log that was never trimmed. */
    static final Bottom NONE = new Bottom(1, 1, 1, 1);

    private static final int MAGIC = 0x3142_5850; // "PXB1"
    private static final int BYTES = 48;

    /**
     * Reads the file; {@link #NONE} if there is none.
     *
     * @throws StorageException if it is damaged, of another format, or of another log
     */
    static Bottom read(final Path directory, final long storageId) throws IOException {
        final Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return NONE;
        }
        final byte[] content = Files.readAllBytes(file);
        final ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (content.length != BYTES || bytes.getInt(0) != crc(bytes) || bytes.getInt(4) != MAGIC) {
            throw new StorageException(
                    file + " is damaged, so it is not known where the log begins. " + OpeningFailure.KEEP);
        }
        LogFormat.requireVersion(file, bytes.getInt(8));
        if (bytes.getLong(24) != storageId) {
            throw new StorageException(file + " belongs to another log; put each file back where it came from");
        }
        return new Bottom(bytes.getInt(12), bytes.getInt(16), bytes.getLong(32), bytes.getLong(40));
    }

    /**
     * Replaces the file. It is durable when this returns.
     *
     * @throws StorageException if a force failed; it is not known which of the two files is on disk
     * @throws IOException if the file could not be written; the former one is still there
     */
    void write(final Path directory, final long storageId, final Disk disk) throws IOException {
        final Path temporary = directory.resolve(FILE + ".new");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            disk.write(channel, bytes(storageId), 0);
            try {
                disk.force(temporary, channel, true);
            } catch (IOException e) {
                throw notForced(temporary, e);
            }
        }
        disk.rename(temporary, directory.resolve(FILE));
        try {
            disk.forceDirectory(directory);
        } catch (IOException e) {
            throw notForced(directory, e);
        }
    }

    private ByteBuffer bytes(final long storageId) {
        final ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(4, MAGIC)
                .putInt(8, LogFormat.VERSION)
                .putInt(12, segment)
                .putInt(16, incarnation)
                .putLong(24, storageId)
                .putLong(32, sequence)
                .putLong(40, firstSlot);
        return bytes.putInt(0, crc(bytes));
    }

    private static int crc(final ByteBuffer bytes) {
        final CRC32C crc32c = new CRC32C();
        crc32c.update(bytes.duplicate().clear().position(4));
        return (int) crc32c.getValue();
    }

    private static StorageException notForced(final Path file, final IOException cause) {
        return new StorageException(
                "forcing " + file + " failed (" + cause.getMessage() + "), so it is not known where the log on disk"
                        + " begins; nothing was deleted: check the disk, then restart this replica",
                cause);
    }
}
