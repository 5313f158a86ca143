package io.paxos.log;

import static io.paxos.log.Logs.small;

import io.paxos.log.segment.PowerLossDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** After a power failure every acknowledged value is on disk. A second failure loses nothing that was recovered. */
class PowerLossProperties {
    private static final int VALUE_BYTES = 7000;
    private static final long PROMISED = 9;
    private static final int KEPT = 20; // of the acknowledged slots when the log is trimmed; a segment holds about 36

    /** {@code bursts}: how many values are appended before each sync. Odd numbers wait for the sync to be done. */
    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void what_was_acknowledged_survives_the_loss_of_power_again_and_again(
            @ForAll @Size(min = 1, max = 4)
                    final List<@Size(min = 1, max = 12) List<@IntRange(min = 1, max = 9) Integer>> runs)
            throws IOException {
        final Path temporary = Files.createTempDirectory("paxos-power");
        try {
            Path directory = temporary.resolve("0");
            long slot = 0;
            long acknowledged = 0;
            long trimmed = 0;
            for (int run = 0; run < runs.size(); run++) {
                final PowerLossDisk disk = new PowerLossDisk();
                if (Files.exists(directory)) {
                    adopt(disk, directory);
                }
                final Path left = temporary.resolve("" + (run + 1));
                try (ChronicleLog log = small(directory).disk(disk).open()) {
                    if (run == 0) {
                        log.promise(PROMISED);
                        log.sync();
                        waitFor(log);
                    }
                    requireValues(log, trimmed, acknowledged);
                    slot = log.lastSlot();
                    acknowledged = slot; // recovered, and others can have learned it
                    final long base = log.appendedPosition();
                    for (final int burst : runs.get(run)) {
                        for (int i = 0; i < burst; i++) {
                            slot++;
                            Logs.accept(log, 5, slot, content(slot));
                        }
                        log.sync();
                        if (burst % 2 == 1) {
                            waitFor(log);
                            acknowledged = slot;
                        }
                        if (burst % 4 == 1) {
                            trimmed = Math.max(trimmed, acknowledged - KEPT);
                            log.trim(trimmed);
                        }
                    }
                    assert log.durablePosition() >= base;
                    disk.leftovers(directory, left);
                }
                directory = left;
            }
            try (ChronicleLog log = small(directory).open()) {
                requireValues(log, trimmed, acknowledged);
            }
        } finally {
            delete(temporary);
        }
    }

    private static void waitFor(final ChronicleLog log) {
        while (log.durablePosition() < log.appendedPosition()) {
            LockSupport.parkNanos(20_000);
        }
    }

    /** Puts what the last loss of power left into the directory. */
    private static void adopt(final PowerLossDisk disk, final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.toList()) {
                if (Files.isDirectory(path)) {
                    disk.forceDirectory(path);
                } else {
                    disk.force(path, null, true);
                }
            }
        }
    }

    private static void requireValues(final ChronicleLog log, final long trimmed, final long slots) {
        if (log.promised() != PROMISED || log.firstSlot() > trimmed + 1) {
            throw new AssertionError("promised=" + log.promised() + " firstSlot=" + log.firstSlot());
        }
        for (long slot = log.firstSlot(); slot <= slots; slot++) {
            if (!Arrays.equals(content(slot), Logs.read(log, slot))) {
                throw new AssertionError("lost: slot=" + slot + " of " + slots);
            }
        }
    }

    private static byte[] content(final long slot) {
        final byte[] bytes = new byte[VALUE_BYTES];
        Arrays.fill(bytes, (byte) slot);
        return bytes;
    }

    private static void delete(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
