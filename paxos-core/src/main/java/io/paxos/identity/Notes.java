package io.paxos.identity;

import io.paxos.spi.AcceptorLog;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What a member remembers of itself and of the others, in the notes of its log. Immutable.
 *
 * <pre>
 * crc32c int, of everything behind it | version byte | flags byte: 1 isStarted | self u16 | clusterId long
 * | epoch int, phase1 int, phase2 int, valueLengthMax int, featureLevel int, members u16, each of them u16
 * | refusal: length u16, UTF-8 | disks: count u16, each: id u16, storageId long, incarnation int, openingId long
 * </pre>
 *
 * @param clusterId 0 if the cluster was never given one
 * @param isStarted whether this member has ever taken part
 * @param refusal why this log must never be used again; empty while it may
 * @param disks the log that each other member used when it was last heard of, by its id
 */
record Notes(
        int self,
        long clusterId,
        boolean isStarted,
        Fingerprint fingerprint,
        String refusal,
        Map<Integer, Disk> disks) {
    private static final byte VERSION = 1;
    private static final int STARTED = 1;
    private static final int REFUSAL_BYTES_MAX = 1024;

    Notes {
        disks = Map.copyOf(disks);
    }

    Notes withStart(final long newClusterId, final Map<Integer, Disk> newDisks) {
        return new Notes(self, newClusterId, true, fingerprint, refusal, newDisks);
    }

    Notes withDisk(final int id, final Disk disk) {
        final Map<Integer, Disk> changed = new TreeMap<>(disks);
        changed.put(id, disk);
        return new Notes(self, clusterId, isStarted, fingerprint, refusal, changed);
    }

    Notes withRefusal(final String newRefusal) {
        return new Notes(self, clusterId, isStarted, fingerprint, newRefusal, disks);
    }

    Notes withFingerprint(final Fingerprint newFingerprint) {
        return new Notes(self, clusterId, isStarted, newFingerprint, refusal, disks);
    }

    Disk disk(final int id) {
        return disks.getOrDefault(id, Disk.UNKNOWN);
    }

    byte[] bytes() {
        final ByteBuffer to = ByteBuffer.allocate(AcceptorLog.NOTES_LENGTH_MAX).order(ByteOrder.LITTLE_ENDIAN);
        to.putInt(0)
                .put(VERSION)
                .put((byte) (isStarted ? STARTED : 0))
                .putShort((short) self)
                .putLong(clusterId);
        fingerprint.write(to);
        final byte[] text = refusal.getBytes(StandardCharsets.UTF_8);
        final int textLength = Math.min(text.length, REFUSAL_BYTES_MAX);
        to.putShort((short) textLength).put(text, 0, textLength);
        to.putShort((short) disks.size());
        for (final Map.Entry<Integer, Disk> entry : new TreeMap<>(disks).entrySet()) {
            to.putShort(entry.getKey().shortValue());
            entry.getValue().write(to);
        }
        final byte[] bytes = new byte[to.position()];
        to.putInt(0, crc(to.array(), bytes.length));
        to.get(0, bytes);
        return bytes;
    }

    /** @throws IllegalStateException if the bytes are no notes */
    static Notes read(final byte[] bytes) {
        final ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (from.getInt() != crc(bytes, bytes.length)) {
                throw new IllegalStateException("their checksum is wrong");
            }
            final int version = from.get();
            if (version != VERSION) {
                throw new IllegalStateException("they have version " + version + ", this build reads " + VERSION);
            }
            final boolean isStarted = (from.get() & STARTED) != 0;
            final int self = Short.toUnsignedInt(from.getShort());
            final long clusterId = from.getLong();
            final Fingerprint fingerprint = Fingerprint.read(from);
            final byte[] text = new byte[Short.toUnsignedInt(from.getShort())];
            from.get(text);
            final Map<Integer, Disk> disks = new TreeMap<>();
            for (int count = from.getShort(); count > 0; count--) {
                disks.put(Short.toUnsignedInt(from.getShort()), Disk.read(from));
            }
            final String refusal = new String(text, StandardCharsets.UTF_8);
            return new Notes(self, clusterId, isStarted, fingerprint, refusal, disks);
        } catch (final RuntimeException e) {
            throw new IllegalStateException("the notes of the log are damaged: " + e.getMessage(), e);
        }
    }

    private static int crc(final byte[] bytes, final int length) {
        final CRC32C crc32c = new CRC32C();
        crc32c.update(bytes, Integer.BYTES, length - Integer.BYTES);
        return (int) crc32c.getValue();
    }
}
