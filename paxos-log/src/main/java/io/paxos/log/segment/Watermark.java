package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The file {@code WATERMARK}: the owner of the log and a lower bound of what is durable. Two slots are written in turn.
 *
 * <p>Without it a log whose last records vanished cleanly, by a truncated or deleted file, would look like a shorter
 * log. It is written about once a second, so it does not cover the last second before a crash.
 *
 * <pre>
 * crc32c int | magic int | format int | replicaId int | clusterId long | storageId long
 * | incarnation int | featureLevel int | generation long | durableSequence long      at 0 and at 4096
 * </pre>
 *
 * <p>These 56 bytes keep their meaning in every format, so that each build can say which format it found.
 *
 * <p>Example: generation 6 stands at 0 and says 100, generation 7 at 4096 says 200. Generation 8 is written at 0 and
 * the power fails: the CRC at 0 is wrong, so 200 is read. A write can tear only the slot that it writes.
 */
final class Watermark implements AutoCloseable {
    static final String FILE = "WATERMARK";

    private static final int MAGIC = 0x314D_5750; // "PWM1"
    private static final int SLOT_BYTES = 56;
    private static final int SLOT_STRIDE = 4096;

    private final Path file;
    private final Disk disk;
    private final FileChannel channel;
    private final ByteBuffer slot = ByteBuffer.allocateDirect(SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc32c = new CRC32C();
    /** The owner; never changes once it was written. Null until a sound slot was read. */
    private Identity identity;

    /** The feature level of the slot that was read. */
    private int featureLevel;

    /** The highest incarnation written or read. */
    private int incarnation;

    /**
     * Counts the writes. The slot at its parity holds it; the other slot holds the generation before. -1: no slot read.
     */
    private long generation = -1;

    /** Every record through this one was forced before the slot was written. */
    private long durableSequence;

    private Watermark(final Path file, final FileChannel channel, final Disk disk) {
        this.file = file;
        this.channel = channel;
        this.disk = disk;
    }

    /** Creates the file, complete or not at all: it is renamed into place once it is durable. */
    static void create(final Path directory, final Identity identity, final Disk disk) throws IOException {
        final Path temporary = directory.resolve(FILE + ".new");
        try (Watermark watermark = new Watermark(
                temporary,
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE),
                disk)) {
            watermark.identity = identity;
            watermark.require(0, 0);
            watermark.require(0, 0);
        }
        Files.move(temporary, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        disk.forceDirectory(directory);
    }

    /** @throws StorageException if neither slot is sound */
    static Watermark open(final Path directory, final Disk disk) throws IOException {
        final Path file = directory.resolve(FILE);
        final Watermark watermark =
                new Watermark(file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE), disk);
        try {
            watermark.read(0);
            watermark.read(SLOT_STRIDE);
            if (watermark.identity == null) {
                throw new StorageException(file + " is damaged: neither of its two slots is sound, so records may be "
                        + "missing. " + OpeningFailure.KEEP);
            }
            return watermark;
        } catch (IOException | RuntimeException e) {
            watermark.close();
            throw e;
        }
    }

    Identity identity() {
        return identity;
    }

    /** The highest incarnation noted. */
    int incarnation() {
        return incarnation;
    }

    /** The feature level of the log when it was opened. */
    int featureLevel() {
        return featureLevel;
    }

    /** Every record through this one was durable once. */
    long durableSequence() {
        return durableSequence;
    }

    /**
     * Writes the older slot and forces it. False if there is no space, which only a file system can say that copies
     * what it writes. Then the newer slot still counts.
     */
    boolean write(final int newIncarnation, final long newDurableSequence) throws IOException {
        slot.clear();
        slot.putInt(4, MAGIC)
                .putInt(8, LogFormat.VERSION)
                .putInt(12, identity.replicaId())
                .putLong(16, identity.clusterId())
                .putLong(24, identity.storageId())
                .putInt(32, newIncarnation)
                .putInt(36, LogFormat.FEATURE_LEVEL)
                .putLong(40, generation + 1)
                .putLong(48, newDurableSequence);
        slot.putInt(0, crc());
        try {
            disk.write(channel, slot, (generation + 1 & 1) * SLOT_STRIDE);
        } catch (IOException e) {
            if (disk.isFull(file, e)) {
                return false;
            }
            throw e;
        }
        generation++;
        incarnation = newIncarnation;
        durableSequence = newDurableSequence;
        disk.force(file, channel, false);
        return true;
    }

    /**
     * Like {@link #write}.
     *
     * @throws IOException if there is no space, too
     */
    void require(final int newIncarnation, final long newDurableSequence) throws IOException {
        if (!write(newIncarnation, newDurableSequence)) {
            throw new IOException(file + ": No space left on device");
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void read(final long position) throws IOException {
        slot.clear();
        while (slot.hasRemaining()) {
            if (channel.read(slot, position + slot.position()) < 0) {
                return;
            }
        }
        if (slot.getInt(4) != MAGIC || slot.getInt(0) != crc() || slot.getLong(40) <= generation) {
            return;
        }
        LogFormat.requireVersion(file, slot.getInt(8));
        LogFormat.requireFeatureLevel(file, slot.getInt(36));
        identity = new Identity(slot.getLong(16), slot.getInt(12), slot.getLong(24));
        incarnation = slot.getInt(32);
        featureLevel = slot.getInt(36);
        generation = slot.getLong(40);
        durableSequence = slot.getLong(48);
    }

    private int crc() {
        slot.clear().position(4);
        crc32c.reset();
        crc32c.update(slot);
        slot.clear();
        return (int) crc32c.getValue();
    }
}
