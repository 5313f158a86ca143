package io.paxos.log;

import io.paxos.log.segment.Frames;
import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What the tests of the log have in common: small logs, and values that contain their slot and ballot. */
final class Logs {
    static final long CLUSTER = 7;
    static final int REPLICA = 3;
    static final int VALUE_LENGTH_MAX = 8 << 10;
    static final int SEGMENT_BYTES = 320 << 10;
    static final long OPENED = 1; // the first record of each opening

    private Logs() {}

    static ChronicleLogBuilder small(final Path directory) {
        return ChronicleLog.builder(directory, CLUSTER, REPLICA)
                .segmentBytes(SEGMENT_BYTES)
                .valueLengthMax(VALUE_LENGTH_MAX);
    }

    static byte[] value(final long ballot, final long slot) {
        final byte[] bytes = new byte[(int) (slot * 37 % 300)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (slot * 31 + ballot * 7 + i);
        }
        return bytes;
    }

    static void accept(final AcceptorLog log, final long ballot, final long slot) {
        accept(log, ballot, slot, value(ballot, slot));
    }

    static void accept(final AcceptorLog log, final long ballot, final long slot, final byte[] value) {
        log.accept(ballot, slot, 0, new UnsafeBuffer(value), 0, value.length);
    }

    static void accept(final AcceptorLog log, final long ballot, final long slot, final String value) {
        accept(log, ballot, slot, value.getBytes(StandardCharsets.UTF_8));
    }

    /** The value of a slot, or null. */
    static byte[] read(final AcceptorLog log, final long slot) {
        final byte[][] read = new byte[1][];
        final AcceptorLog.ReadResult found = log.read(
                slot,
                (final long readSlot,
                        final long ballot,
                        final DirectBuffer buffer,
                        final int offset,
                        final int length) -> {
                    read[0] = new byte[length];
                    buffer.getBytes(offset, read[0]);
                });
        return found == AcceptorLog.ReadResult.FOUND ? read[0] : null;
    }

    static String readString(final AcceptorLog log, final long slot) {
        final byte[] read = read(log, slot);
        return read == null ? null : new String(read, StandardCharsets.UTF_8);
    }

    /** Syncs, and waits until everything appended is durable, or the log fails. */
    static void syncAndWait(final AcceptorLog log) {
        log.sync();
        while (log.durablePosition() < log.appendedPosition()) {
            LockSupport.parkNanos(50_000);
        }
    }

    static List<Path> segments(final Path directory) throws IOException {
        return Frames.segments(directory);
    }

    static void copy(final Path from, final Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (final Path path : paths.sorted().toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
