package io.paxos.log.snapshot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The bytes of a snapshot. Numbers are little endian.
 *
 * <pre>
 * header:     crc32c int | format int | magic long | storageId long | slot long | fileId long
 * each chunk: crc32c int | length int | bytes
 * trailer:    crc32c int | magic int | length long | chunks long
 * </pre>
 *
 * <p>Every chunk has {@link #CHUNK_BYTES}, but for the last one, which may have less and never has none. So the length
 * of the snapshot gives the length of the file and the place of each chunk.
 *
 * <p>The CRC of the header covers what follows it there. The CRC of a chunk or of the trailer begins with 32 bytes that
 * are not in its place: storageId, slot, fileId, and the number of the chunk, from 0 on; -1 for the trailer. The fileId
 * is random. A snapshot that was received has the fileId that it has at its sender, and the storageId of its own log.
 * So no bytes of another place, of another file or of an earlier attempt can pass for those of this place.
 *
 * <p>The header keeps its meaning in every format, so that each build can say which format it found.
 */
final class SnapshotFileFormat {
    static final int CHUNK_BYTES = 256 << 10;
    static final int HEADER_BYTES = 40;
    static final int CHUNK_HEADER_BYTES = 8;
    static final int TRAILER_BYTES = 24;

    private static final int VERSION = 1;
    private static final long MAGIC = 0x504E_5358_4150_4F49L; // "IOPAXSNP"
    private static final int TRAILER_MAGIC = 0x444E_4550; // "PEND"
    private static final int CRC_BYTES = 4;
    private static final long TRAILER_NUMBER = -1;

    private final long storageId;
    private final long slot;
    private final long fileId;

    /** What the CRC of a chunk begins with. All but the number of the chunk never changes. */
    private final ByteBuffer place = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);

    private final CRC32C crc32c = new CRC32C();

    SnapshotFileFormat(final long storageId, final long slot, final long fileId) {
        this.storageId = storageId;
        this.slot = slot;
        this.fileId = fileId;
        place.putLong(storageId).putLong(slot).putLong(fileId);
    }

    /**
     * Reads a header.
     *
     * @throws SnapshotFileException if it is damaged, has another format, or is not about this slot of this log
     */
    static SnapshotFileFormat of(final ByteBuffer header, final long storageId, final long slot)
            throws SnapshotFileException {
        require(header.getLong(8) == MAGIC, "it does not begin as a snapshot does");
        require(header.getInt(0) == headerCrc(header), "its header does not have its checksum");
        final int version = header.getInt(4);
        require(version == VERSION, "it has format " + version + ", and this build reads format " + VERSION + " only");
        final long foundStorageId = header.getLong(16);
        require(
                foundStorageId == storageId,
                "it belongs to the log with storage id " + foundStorageId + ", and this log has storage id "
                        + storageId);
        final long foundSlot = header.getLong(24);
        require(foundSlot == slot, "it is the snapshot of slot " + foundSlot + " under the name of another one");
        return new SnapshotFileFormat(storageId, slot, header.getLong(32));
    }

    /** A buffer for one chunk, with the place for its header. */
    static ByteBuffer newChunk() {
        return ByteBuffer.allocate(CHUNK_HEADER_BYTES + CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** How many chunks a snapshot of this length has. */
    static long chunks(final long length) {
        return length / CHUNK_BYTES + (length % CHUNK_BYTES == 0 ? 0 : 1);
    }

    /** How long the chunk with this number is. */
    static int chunkLength(final long length, final long number) {
        return (int) Math.min(CHUNK_BYTES, length - number * CHUNK_BYTES);
    }

    /** How long the file of a snapshot of this length is. */
    static long fileLength(final long length) {
        return HEADER_BYTES + length + chunks(length) * CHUNK_HEADER_BYTES + TRAILER_BYTES;
    }

    /** How many whole chunks there are in the beginning of a file, of this length and without a trailer. */
    static long wholeChunks(final long fileLength) {
        return Math.max(0, fileLength - HEADER_BYTES) / (CHUNK_HEADER_BYTES + CHUNK_BYTES);
    }

    /** Where a chunk begins, its header included. */
    static long offset(final long number) {
        return HEADER_BYTES + number * (CHUNK_HEADER_BYTES + CHUNK_BYTES);
    }

    long slot() {
        return slot;
    }

    long fileId() {
        return fileId;
    }

    ByteBuffer header() {
        final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(4, VERSION)
                .putLong(8, MAGIC)
                .putLong(16, storageId)
                .putLong(24, slot)
                .putLong(32, fileId);
        return header.putInt(0, headerCrc(header));
    }

    /** Completes a chunk, whose bytes stand from {@link #CHUNK_HEADER_BYTES} to the limit. */
    void seal(final ByteBuffer chunk, final long number) {
        chunk.putInt(4, chunk.limit() - CHUNK_HEADER_BYTES);
        chunk.putInt(0, crc(chunk, number));
    }

    /** Throws unless this is the chunk with this number, from 0 to the limit. */
    void require(final ByteBuffer chunk, final long number) throws SnapshotFileException {
        require(
                chunk.getInt(0) == crc(chunk, number) && chunk.getInt(4) == chunk.limit() - CHUNK_HEADER_BYTES,
                "chunk " + number + " at byte " + offset(number) + " does not have its checksum");
    }

    ByteBuffer trailer(final long length) {
        final ByteBuffer trailer = ByteBuffer.allocate(TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        trailer.putInt(4, TRAILER_MAGIC).putLong(8, length).putLong(16, chunks(length));
        return trailer.putInt(0, crc(trailer, TRAILER_NUMBER));
    }

    /** Returns the length of the snapshot. Throws if the trailer is damaged, or the file has another length. */
    long length(final ByteBuffer trailer, final long fileLength) throws SnapshotFileException {
        require(
                trailer.getInt(4) == TRAILER_MAGIC && trailer.getInt(0) == crc(trailer, TRAILER_NUMBER),
                "its last " + TRAILER_BYTES + " bytes are not the end of this snapshot: it was cut, or is damaged");
        final long length = trailer.getLong(8);
        final long expected = length < 0 ? -1 : fileLength(length);
        require(
                expected == fileLength && trailer.getLong(16) == chunks(length),
                "it has " + fileLength + " bytes, and should have " + expected);
        return length;
    }

    private static int headerCrc(final ByteBuffer header) {
        final CRC32C crc32c = new CRC32C();
        crc32c.update(header.duplicate().position(CRC_BYTES).limit(HEADER_BYTES));
        return (int) crc32c.getValue();
    }

    private int crc(final ByteBuffer bytes, final long number) {
        place.clear().putLong(24, number);
        crc32c.reset();
        crc32c.update(place);
        crc32c.update(bytes.duplicate().position(CRC_BYTES));
        return (int) crc32c.getValue();
    }

    private static void require(final boolean holds, final String what) throws SnapshotFileException {
        if (!holds) {
            throw new SnapshotFileException(what);
        }
    }
}
