package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where the records are, and how to damage them. */
public final class Frames {
    private Frames() {}

    /** One record in a file. */
    public record Place(Path file, int offset, int length, long sequence, byte type, int epoch, long slot) {}

    public static List<Place> of(final Path directory, final long storageId) throws IOException {
        final List<Place> places = new ArrayList<>();
        try (SegmentScan scan = new SegmentScan(new Frame(storageId))) {
            for (final Path file : segments(directory)) {
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
        }
        return places;
    }

    /** The segments of a log, in order. */
    public static List<Path> segments(final Path directory) throws IOException {
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
