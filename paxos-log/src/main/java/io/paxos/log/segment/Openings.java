package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.zip.CRC32C;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The file {@code OPENINGS}: a random number for each opening of this directory. It tells a directory from its copies:
 * after the copy was made, each draws numbers of its own.
 *
 * <pre>
 * each opening: crc32c int, of the rest | incarnation int | openingId long
 * </pre>
 *
 * <p>An entry with incarnation 0 says that the replica has stored notes. 16 bytes for each opening, appended and forced
 * before the log is handed out. An opening that was never handed out may leave an entry that is torn, or one whose
 * incarnation is used again: the last sound entry counts. No entry is torn but the last one.
 */
final class Openings {
    static final String FILE = "OPENINGS";

    private static final int ENTRY_BYTES = 16;

    /** The incarnation of an entry that says: from here on there is a file {@link NotesFile#FILE}. */
    private static final int NOTES = 0;

    private final Path file;
    private final Disk disk;
    private final Int2ObjectHashMap<Long> ids = new Int2ObjectHashMap<>();

    private Openings(final Path file, final Disk disk) {
        this.file = file;
        this.disk = disk;
    }

    /**
     * Reads the file, and adds this opening to it durably. Creates the file if need be.
     *
     * @throws StorageException if an entry but the last one is damaged
     */
    static Openings add(final Path directory, final int incarnation, final Disk disk) throws IOException {
        final Path file = directory.resolve(FILE);
        final boolean isNew = !Files.exists(file);
        final Openings openings = new Openings(file, disk);
        openings.add(incarnation);
        if (isNew) {
            disk.forceDirectory(directory);
        }
        return openings;
    }

    /** Whether the replica had stored notes, so that their file must be there. */
    boolean hasNotes() {
        return ids.containsKey(NOTES);
    }

    /** Remembers durably that there are notes. */
    void noteNotes() throws IOException {
        if (!hasNotes()) {
            add(NOTES);
        }
    }

    /** The number of an opening; 0 if there was none with this incarnation. */
    long id(final int incarnation) {
        final Long id = ids.get(incarnation);
        return id == null ? 0 : id;
    }

    private void add(final int incarnation) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            final long end = read(channel);
            long id;
            do {
                id = new SecureRandom().nextLong();
            } while (id == 0);
            final ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            entry.putInt(4, incarnation).putLong(8, id);
            entry.putInt(0, crc(entry));
            disk.write(channel, entry, end);
            disk.force(file, channel, true);
            ids.put(incarnation, (Long) id);
        }
    }

    /** Returns where the next entry goes: behind the last sound one. */
    private long read(final FileChannel channel) throws IOException {
        final ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(channel.size())).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {}
        final int length = bytes.position();
        int at = 0;
        for (; at + ENTRY_BYTES <= length; at += ENTRY_BYTES) {
            final ByteBuffer entry = bytes.slice(at, ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            if (entry.getInt(0) != crc(entry)) {
                break;
            }
            ids.put(entry.getInt(4), (Long) entry.getLong(8));
        }
        if (length - at > ENTRY_BYTES) {
            throw new StorageException(file + " is damaged at byte " + at + " of " + length
                    + ": this log cannot tell itself from a copy, so it is not used. " + OpeningFailure.KEEP);
        }
        return at;
    }

    private static int crc(final ByteBuffer entry) {
        final CRC32C crc32c = new CRC32C();
        crc32c.update(entry.duplicate().position(4).limit(ENTRY_BYTES));
        return (int) crc32c.getValue();
    }
}
