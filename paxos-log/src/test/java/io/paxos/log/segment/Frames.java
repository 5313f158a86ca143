package io.paxos.log.segment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/** Where the records are, and how to damage them. */
public final class Frames {
    private static final int WATERMARK_BYTES = 56;
    private static final int WATERMARK_STRIDE = 4096;

    private Frames() {}

    /** One record in a file. */
    public record Place(Path file, int offset, int length, long sequence, byte type, int epoch, long slot) {}

    public static List<Place> of(final Path directory, final long storageId) throws IOException {
        final List<Place> places = new ArrayList<>();
        for (final Path file : segments(directory)) {
            places.addAll(ofFile(file, storageId));
        }
        return places;
    }

    /** All sound records of one file, those of a former life too. */
    public static List<Place> ofFile(final Path file, final long storageId) throws IOException {
        final List<Place> places = new ArrayList<>();
        try (SegmentScan scan = new SegmentScan(new Frame(storageId))) {
            scan.scan(
                    file,
                    (buffer, at, offset) -> places.add(new Place(
                            file,
                            offset,
                            Frame.frameLength(Frame.valueLength(buffer, at)),
                            Frame.sequence(buffer, at),
                            Frame.type(buffer, at),
                            Frame.epoch(buffer, at),
                            Frame.slot(buffer, at))));
        }
        return places;
    }

    /** The segments of a log, in order. It can be open, and delete trimmed ones meanwhile. */
    public static List<Path> segments(final Path directory) throws IOException {
        while (true) {
            try {
                return listed(directory);
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
            }
        }
    }

    private static List<Path> listed(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> path.toString().endsWith(Layout.SEGMENT_SUFFIX))
                    .sorted()
                    .toList();
        }
    }

    /** The last record that accepted a value in this slot. */
    public static Place ofSlot(final Path directory, final long storageId, final long slot) throws IOException {
        return of(directory, storageId).stream()
                .filter(place -> place.type() == Frame.ACCEPT && place.slot() == slot)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    /** Changes one byte of a record and makes the record sound again. */
    public static void resealByte(final Place place, final long storageId, final int at, final int value)
            throws IOException {
        final byte[] file = Files.readAllBytes(place.file());
        final ByteBuffer bytes =
                ByteBuffer.wrap(file, place.offset(), place.length()).slice();
        bytes.put(at, (byte) value);
        new Frame(storageId).seal(new UnsafeBuffer(bytes), bytes, 0);
        Files.write(place.file(), file);
    }

    /** Changes one number in both halves of a watermark and makes them sound again. */
    public static void resealWatermark(final Path file, final int at, final int value) throws IOException {
        final ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        for (int half = 0; half <= WATERMARK_STRIDE; half += WATERMARK_STRIDE) {
            bytes.putInt(half + at, value);
            final CRC32C crc32c = new CRC32C();
            crc32c.update(bytes.array(), half + 4, WATERMARK_BYTES - 4);
            bytes.putInt(half, (int) crc32c.getValue());
        }
        Files.write(file, bytes.array());
    }

    public static void flip(final Path file, final long position, final int bit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            final ByteBuffer one = ByteBuffer.allocate(1);
            if (channel.read(one, position) == 1) {
                one.put(0, (byte) (one.get(0) ^ 1 << bit)).flip();
                channel.write(one, position);
            }
        }
    }

    public static void overwrite(final Path file, final long position, final byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        }
    }

    public static void truncate(final Path file, final long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }
}
