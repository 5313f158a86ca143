package io.paxos.log;

import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.log.segment.Disk;
import io.paxos.log.segment.FaultyDisk;
import io.paxos.log.segment.Frames;
import io.paxos.log.segment.PowerLossDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a failed force, what can be read may be in the page cache only, and forces it no more. */
class FailedForceTest {
    private static final int ACKNOWLEDGED = 10;
    private static final int WRITTEN = 20;

    @TempDir
    Path temporary;

    private final PowerLossDisk disk = new PowerLossDisk();
    private long storageId;

    /** Slots 1 to 10 are acknowledged. The force of 11 to 20 fails, and the log stops. */
    private Path logWithFailedForce(final String name) {
        final Path directory = temporary.resolve(name);
        final ChronicleLog log = small(directory).disk(disk).open();
        storageId = log.storageId();
        accept(log, 1, ACKNOWLEDGED);
        syncAndWait(log);
        accept(log, ACKNOWLEDGED + 1, WRITTEN);
        disk.failForces();
        assertThatThrownBy(() -> syncAndWait(log)).isInstanceOf(LogException.class);
        log.close();
        disk.mend();
        return directory;
    }

    private static void accept(final ChronicleLog log, final int fromSlot, final int throughSlot) {
        for (int slot = fromSlot; slot <= throughSlot; slot++) {
            Logs.accept(log, 5, slot);
        }
    }

    private static void requireSlots(final ChronicleLog log, final long throughSlot) {
        assertThat(log.lastSlot()).isEqualTo(throughSlot);
        for (long slot = 1; slot <= throughSlot; slot++) {
            assertThat(read(log, slot)).isEqualTo(value(5, slot));
        }
    }

    /** What would be on disk if the power failed now. */
    private Path afterPowerLoss(final Path directory, final String name) throws IOException {
        final Path image = temporary.resolve(name);
        disk.leftovers(directory, image);
        return image;
    }

    /** F18: three replicas went on with what only the page cache had, and none of them opened again. */
    @Test
    void nothing_acknowledged_after_a_failed_force_and_a_restart_is_lost_with_the_page_cache() throws IOException {
        final Path directory = logWithFailedForce("log");
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            requireSlots(log, WRITTEN);
            accept(log, WRITTEN + 1, 30);
            syncAndWait(log);
            try (ChronicleLog left = small(afterPowerLoss(directory, "open")).open()) {
                requireSlots(left, 30);
            }
        }
        try (ChronicleLog left = small(afterPowerLoss(directory, "closed")).open()) {
            requireSlots(left, 30);
        }
    }

    /** F18: the copy may be cut short by a crash of the process or by the loss of power, at each write and force. */
    @Test
    void a_crash_at_any_step_of_the_recovery_refuses_nothing_and_changes_nothing() throws IOException {
        boolean isOpened = false;
        int step = 0;
        while (!isOpened) {
            step++;
            final Path directory = logWithFailedForce("log" + step);
            disk.failFrom(step);
            try {
                small(directory).disk(disk).open().close();
                isOpened = true;
            } catch (LogException e) {
                assertThat(e).hasMessageContaining("(injected)");
            }
            disk.mend();
            try (ChronicleLog left =
                    small(afterPowerLoss(directory, "left" + step)).open()) {
                assertThat(left.lastSlot()).isIn((long) ACKNOWLEDGED, (long) WRITTEN);
                requireSlots(left, left.lastSlot());
            }
            try (ChronicleLog again = small(directory).disk(disk).open()) {
                requireSlots(again, WRITTEN);
                accept(again, WRITTEN + 1, 30);
                syncAndWait(again);
                try (ChronicleLog left =
                        small(afterPowerLoss(directory, "again" + step)).open()) {
                    requireSlots(left, 30);
                }
            }
        }
        assertThat(step).isGreaterThan(8);
    }

    /** F18: the page cache may let go of a page between the first reading and the copy. */
    @Test
    void a_segment_that_reads_otherwise_when_it_is_copied_refuses_the_log_and_stays_as_it_is() throws IOException {
        final Path directory = logWithFailedForce("log");
        final Path segment = Logs.segments(directory).get(0);
        final Frames.Place last = Frames.ofSlot(directory, storageId, WRITTEN);
        final byte[] before = Files.readAllBytes(segment);
        final Disk forgetful = new Disk() {
            @Override
            public void write(final FileChannel channel, final ByteBuffer bytes, final long position)
                    throws IOException {
                if (channel.size() == 0 && bytes.remaining() > last.offset()) {
                    bytes.put(bytes.position() + last.offset(), (byte) 0);
                }
                super.write(channel, bytes, position);
            }
        };
        assertThatThrownBy(() -> small(directory).disk(forgetful).open())
                .isInstanceOf(LogException.class)
                .hasMessageContainingAll(segment.toString(), "not a second time", "nothing was changed");
        assertThat(segment).hasBinaryContent(before);
        try (ChronicleLog log = small(directory).open()) {
            requireSlots(log, WRITTEN);
        }
    }

    /** F18: an operator sees at the next start that this was no ordinary crash. */
    @Test
    void a_failed_force_leaves_a_mark_that_the_next_opening_reports_and_deletes() throws IOException {
        final Path directory = logWithFailedForce("log");
        final Path mark = directory.resolve("FORCE_FAILED");
        assertThat(mark)
                .content()
                .contains("forcing " + Logs.segments(directory).get(0) + " failed", "(injected)");
        assertThat(ChildJvm.output(ChildJvm.start(DamageTest.Opener.class, directory.toString())))
                .contains("this log stopped when a force had failed: ", "(injected)", "copied and forced")
                .endsWith("opened\n");
        assertThat(mark).doesNotExist();
    }

    /** F18: what a force has covered needs no copy, so that a restart does not cost the whole log. */
    @Test
    void only_segments_with_records_beyond_the_last_force_are_copied() throws IOException {
        final Path directory = temporary.resolve("log");
        final Path crashed = temporary.resolve("crashed");
        final FaultyDisk disk = new FaultyDisk();
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            accept(log, 1, 3000);
            syncAndWait(log);
            disk.freeze();
            accept(log, 3001, 3001); // says what was durable
            accept(log, 3002, 3002);
            log.sync(); // writes them
            Logs.copy(directory, crashed);
            disk.thaw();
        }
        final List<Object> crashedKeys = keys(crashed);
        final List<Path> copied = Logs.segments(crashed);
        Files.createLink(temporary.resolve("kept"), copied.get(copied.size() - 1)); // or its key is used again
        small(crashed).open().close();
        final List<Object> keys = keys(crashed);
        assertThat(keys.subList(0, crashedKeys.size() - 1)).isEqualTo(crashedKeys.subList(0, crashedKeys.size() - 1));
        assertThat(keys).doesNotContain(crashedKeys.get(crashedKeys.size() - 1));

        final List<Object> closedKeys = keys(directory);
        small(directory).open().close();
        assertThat(keys(directory)).containsAll(closedKeys);
    }

    private static List<Object> keys(final Path directory) throws IOException {
        final List<Object> keys = new ArrayList<>();
        for (final Path segment : Logs.segments(directory)) {
            keys.add(Files.readAttributes(segment, BasicFileAttributes.class).fileKey());
        }
        return keys;
    }
}
