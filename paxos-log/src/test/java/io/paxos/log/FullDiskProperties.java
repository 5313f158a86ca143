package io.paxos.log;

import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.small;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.segment.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A disk that is full from time to time: what was called durable is there, now and after an opening. */
class FullDiskProperties {
    @Property(tries = 20)
    void what_was_called_durable_is_kept_whenever_the_disk_is_full(
            @ForAll final long seed, @ForAll final Durability durability) throws IOException {
        final Random random = new Random(seed);
        final Path directory = Files.createTempDirectory("full-disk");
        final FaultyDisk disk = new FaultyDisk();
        final List<byte[]> values = new ArrayList<>(); // of slot i + 1
        final List<Long> positions = new ArrayList<>(); // of its record
        try {
            for (int opening = 0; opening < 3; opening++) {
                run(random, directory, durability, disk, values, positions);
                disk.freeUp();
            }
        } finally {
            delete(directory);
        }
    }

    private static void run(
            final Random random,
            final Path directory,
            final Durability durability,
            final FaultyDisk disk,
            final List<byte[]> values,
            final List<Long> positions)
            throws IOException {
        final long durable;
        try (ChronicleLog log =
                small(directory).durability(durability).disk(disk).open()) {
            requireAll(log, values);
            final int steps = random.nextInt(2000);
            for (int step = 0; step < steps; step++) {
                switch (random.nextInt(40)) {
                    case 0 -> disk.fillUp();
                    case 1, 2 -> disk.freeUp();
                    case 3, 4, 5, 6, 7 -> log.sync();
                    case 8 -> requireAny(random, log, values);
                    default -> append(random, log, values, positions);
                }
            }
            if (random.nextBoolean()) {
                LockSupport.parkNanos(100_000); // the flusher is somewhere else
            }
            durable = log.durablePosition();
        }
        int kept = values.size();
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            while (kept > 0 && positions.get(kept - 1) >= durable && log.acceptedBallot(kept) == 0) {
                kept--; // nobody was told that it is durable
            }
        } catch (LogException e) {
            assertThat(disk.usableBytes(directory)).as(e.getMessage()).isEqualTo(1);
            disk.freeUp();
            try (ChronicleLog log = small(directory).disk(disk).open()) {
                while (kept > 0 && positions.get(kept - 1) >= durable && log.acceptedBallot(kept) == 0) {
                    kept--;
                }
            }
        }
        values.subList(kept, values.size()).clear();
        positions.subList(kept, positions.size()).clear();
    }

    private static void append(
            final Random random, final ChronicleLog log, final List<byte[]> values, final List<Long> positions) {
        final byte[] value = new byte[random.nextInt(20) == 0 ? Logs.VALUE_LENGTH_MAX : random.nextInt(400)];
        random.nextBytes(value);
        if (!log.hasRoomFor(value.length)) {
            return;
        }
        if (random.nextInt(5) == 0) {
            log.promise(log.promised() + 1);
        }
        positions.add(log.appendedPosition());
        values.add(value);
        Logs.accept(log, log.promised() + 1, values.size(), value);
    }

    private static void requireAny(final Random random, final ChronicleLog log, final List<byte[]> values) {
        if (!values.isEmpty()) {
            final int at = random.nextInt(values.size());
            assertThat(read(log, at + 1)).isEqualTo(values.get(at));
        }
    }

    private static void requireAll(final ChronicleLog log, final List<byte[]> values) {
        assertThat(log.lastSlot()).isEqualTo(values.size());
        for (int at = 0; at < values.size(); at++) {
            assertThat(read(log, at + 1)).as("slot %d", at + 1).isEqualTo(values.get(at));
        }
    }

    private static void delete(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
