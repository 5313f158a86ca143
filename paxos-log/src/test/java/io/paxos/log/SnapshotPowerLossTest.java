package io.paxos.log;

import static io.paxos.log.Logs.small;
import static io.paxos.log.SnapshotLogs.CHUNK_BYTES;
import static io.paxos.log.SnapshotLogs.content;
import static io.paxos.log.SnapshotLogs.directory;
import static io.paxos.log.SnapshotLogs.file;
import static io.paxos.log.SnapshotLogs.read;
import static io.paxos.log.SnapshotLogs.write;
import static io.paxos.log.SnapshotLogs.writeDurably;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.segment.Disk;
import io.paxos.log.segment.PowerLossDisk;
import io.paxos.spi.SnapshotStore.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a loss of power at any step there is the old snapshot or the new one, complete, and never a wrong one. */
class SnapshotPowerLossTest {
    private static final byte[] CONTENT = content(30, 2 * CHUNK_BYTES + 5);

    @TempDir
    Path temporary;

    /**
     * What could be left of the snapshots, taken before and within each operation of the thread that writes.
     *
     * <p>Three images each time. The first is the strictest: forced content under forced names. The second has the
     * names of now, as if all names were durable at once, and forced content. The third has everything of now.
     */
    private final class CutDisk extends Disk {
        private final PowerLossDisk forced = new PowerLossDisk();
        private final PowerLossDisk named = new PowerLossDisk();
        private final List<Path> images = new ArrayList<>();
        private final List<Integer> forces = new ArrayList<>(); // by force: how many images were taken before its end
        private final Path snapshots;
        private boolean isCut;
        private int cutEvery = 1; // this many operations
        private int operations; // of the thread that writes, while isCut

        private CutDisk(final Path snapshots) {
            this.snapshots = snapshots;
        }

        @Override
        public void write(final FileChannel channel, final ByteBuffer bytes, final long position) throws IOException {
            cut();
            final int half = bytes.remaining() / 2;
            super.write(channel, bytes.duplicate().limit(bytes.position() + half), position);
            cut();
            super.write(channel, bytes.position(bytes.position() + half), position + half);
        }

        @Override
        public void force(final Path file, final FileChannel channel, final boolean metaData) throws IOException {
            cut();
            forced.force(file, channel, metaData);
            named.force(file, channel, metaData);
            ended();
        }

        @Override
        public void forceDirectory(final Path directory) throws IOException {
            cut();
            forced.forceDirectory(directory);
            ended();
        }

        @Override
        public void rename(final Path from, final Path to) throws IOException {
            cut();
            super.rename(from, to);
        }

        @Override
        public void delete(final Path file) throws IOException {
            cut();
            super.delete(file);
        }

        private void ended() {
            if (isCut && SnapshotDisk.isWritten()) {
                forces.add(images.size());
            }
        }

        private void cut() throws IOException {
            if (isCut && SnapshotDisk.isWritten() && operations++ % cutEvery == 0) {
                take();
            }
        }

        private void take() throws IOException {
            forced.leftovers(snapshots, image());
            if (Files.exists(snapshots)) {
                named.forceDirectory(snapshots);
                named.leftovers(snapshots, image());
                Logs.copy(
                        snapshots, Files.createDirectories(image().getParent()).resolve("snapshots"));
            }
        }

        /** Where the next image goes: into a directory without records. */
        private Path image() {
            final Path image = temporary.resolve("image-" + images.size()).resolve("snapshots");
            images.add(image);
            return image;
        }
    }

    @Test
    void a_cut_at_any_step_leaves_the_old_or_the_new_one_and_never_a_wrong_one() throws IOException {
        final Path directory = temporary.resolve("log");
        final Path records = temporary.resolve("records");
        final CutDisk disk = new CutDisk(directory(directory));
        small(directory).disk(disk).open().close();
        Logs.copy(directory, records);
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            disk.isCut = true;
            writeDurably(log, 10, content(10, 100));
            final int first = disk.images.size();
            writeDurably(log, 20, content(20, 100));
            final int second = disk.images.size();
            writeDurably(log, 30, CONTENT);
            disk.take();
            final int last = disk.images.size() - 3;
            assertThat(last).isGreaterThan(60);
            for (int image = 0; image < disk.images.size(); image++) {
                final long least = image < first ? 0 : image < second ? 10 : image < last ? 20 : 30;
                requireSound(records, disk.images.get(image), least);
            }
        }
    }

    /** Every file with a complete name is sound, and the newest one is not older than {@code least}. */
    private void requireSound(final Path records, final Path image, final long least) throws IOException {
        final Path directory = image.getParent();
        final Path snapshots = temporary.resolve("aside");
        Files.move(image, snapshots);
        Files.delete(directory);
        Logs.copy(records, directory);
        Files.move(snapshots, image);
        try (ChronicleLog log = small(directory).open()) {
            final long[] slots = log.snapshots().slots();
            for (final long slot : slots) {
                assertThat(read(log, slot))
                        .as("%s of slot %s", image, slot)
                        .isEqualTo(slot == 30 ? CONTENT : content(slot, 100));
            }
            assertThat(slots.length == 0 ? 0 : slots[0]).as("%s", image).isGreaterThanOrEqualTo(least);
            if (Files.exists(directory(directory))) {
                assertThat(SnapshotLogs.files(directory)).as("%s", image).hasSize(slots.length);
            }
        }
    }

    /** What was forced of a received one is there, and what was not costs its own bytes only. */
    @Test
    void a_cut_while_a_snapshot_is_received_loses_at_most_what_was_not_forced() throws IOException {
        final byte[] content = content(30, 18 * CHUNK_BYTES + 5);
        final Path directory = temporary.resolve("log");
        final Path records = temporary.resolve("records");
        final CutDisk disk = new CutDisk(directory(directory));
        small(directory).disk(disk).open().close();
        Logs.copy(directory, records);
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            writeDurably(log, 10, content(10, 100));
            disk.isCut = true;
            disk.cutEvery = 3; // an odd number, so that cuts within writes are among them
            SnapshotLogs.receiveRest(log, 30, 77, content);
            disk.take();
        }
        assertThat(disk.forces).hasSize(7); // its name, four times 4 chunks, all, its last name
        final int last = disk.images.size() - 3;
        for (int image = 0; image < disk.images.size(); image++) {
            final int at = image;
            final long parts = disk.forces.subList(1, 5).stream()
                    .filter(force -> force <= at)
                    .count();
            requireResumed(records, disk.images.get(image), content, image < last ? parts * 4 * CHUNK_BYTES : -1);
        }
    }

    /** The snapshot of slot 30 can be received to its end, from {@code least} on, or is complete: -1. */
    private void requireResumed(final Path records, final Path image, final byte[] content, final long least)
            throws IOException {
        final Path directory = image.getParent();
        final Path snapshots = temporary.resolve("aside");
        Files.move(image, snapshots);
        Files.delete(directory);
        Logs.copy(records, directory);
        Files.move(snapshots, image);
        try (ChronicleLog log = small(directory).open()) {
            final boolean isComplete = log.snapshots().slots()[0] == 30;
            assertThat(isComplete || least >= 0).as("%s", image).isTrue();
            if (!isComplete) {
                assertThat(SnapshotLogs.receiveRest(log, 30, 77, content))
                        .as("%s", image)
                        .isGreaterThanOrEqualTo(least);
            }
            assertThat(read(log, 30)).as("%s", image).isEqualTo(content);
            assertThat(read(log, 10)).as("%s", image).isEqualTo(content(10, 100));
        }
    }

    /** The directory of the snapshots is new, so its own name has to be durable too. */
    @Test
    void the_first_snapshot_survives_with_its_log() throws IOException {
        final Path directory = temporary.resolve("log");
        final PowerLossDisk disk = new PowerLossDisk();
        final Path left = temporary.resolve("left");
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            writeDurably(log, 10, CONTENT);
            disk.leftovers(directory, left);
        }
        try (ChronicleLog log = small(left).open()) {
            assertThat(log.snapshots().slots()).containsExactly(10);
            assertThat(read(log, 10)).isEqualTo(CONTENT);
        }
    }

    /** A process can die between the rename and the force. The next one may trim the log behind what it finds. */
    @Test
    void a_name_that_no_force_has_covered_is_made_durable_by_the_next_opening() throws IOException {
        final Path directory = temporary.resolve("log");
        final PowerLossDisk disk = new PowerLossDisk();
        final Path hidden = temporary.resolve("hidden");
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            writeDurably(log, 10, content(10, 100));
            Files.move(file(directory, 10), hidden);
            disk.forceDirectory(directory(directory));
            Files.move(hidden, file(directory, 10));
        }
        final Path left = temporary.resolve("left");
        try (ChronicleLog log = small(directory).disk(disk).open()) {
            assertThat(log.snapshots().slots()).containsExactly(10);
            disk.leftovers(directory, left);
        }
        try (ChronicleLog log = small(left).open()) {
            assertThat(log.snapshots().slots()).containsExactly(10);
            assertThat(read(log, 10)).isEqualTo(content(10, 100));
        }
    }

    /** The kernel takes the pages of a failed force for clean. So that file must never be used. */
    @Test
    void nothing_of_a_snapshot_whose_force_failed_is_left_after_a_loss_of_power() throws IOException {
        for (int operation = 1; operation <= 9; operation++) {
            final Path directory = temporary.resolve("log-" + operation);
            final PowerLossDisk disk = new PowerLossDisk();
            final Path left = temporary.resolve("left-" + operation);
            try (ChronicleLog log = small(directory).disk(disk).open()) {
                writeDurably(log, 10, content(10, 100));
                disk.failFrom(operation); // those of the flusher count too
                final Output output = write(log, 20, CONTENT);
                disk.mend();
                disk.leftovers(directory, left);
                final long newest = output.state() == Output.State.DURABLE ? 20 : 10;
                assertThat(log.snapshots().slots()[0]).isEqualTo(newest);
                try (ChronicleLog again = small(left).open()) {
                    for (final long slot : again.snapshots().slots()) {
                        assertThat(read(again, slot)).isEqualTo(slot == 20 ? CONTENT : content(slot, 100));
                    }
                    assertThat(again.snapshots().slots()[0]).isGreaterThanOrEqualTo(newest);
                }
                closeQuietly(log);
            }
        }
    }

    private static void closeQuietly(final ChronicleLog log) {
        try {
            log.close();
        } catch (LogException e) {
            assertThat(e).hasMessageContaining("injected");
        }
    }
}
