package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.syncAndWait;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paxos.log.segment.Disk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lack of disk space and of memory is one line, never a signal or an error. Each test runs a JVM of its own: on a small
 * file system, or with little direct memory.
 */
class ScarceSpaceTest {
    private static final int VALUE_BYTES = 7000;

    @TempDir
    Path temporary;

    /** Opens a log with each amount of free space. A signal would end the process. */
    static final class OpenWithLittleSpace {
        private OpenWithLittleSpace() {}

        public static void main(final String[] arguments) throws IOException {
            final Path disk = Path.of(arguments[0]);
            for (int freeKib = 0; freeKib <= 400; freeKib += 4) {
                final Path filler = disk.resolve("filler");
                fill(filler, freeKib << 10);
                try (ChronicleLog log = small(disk.resolve("log")).open()) {
                    accept(log, 5, 1);
                    System.out.println("opened with " + freeKib);
                } catch (LogException e) {
                    System.out.println(e.getMessage().lines().count() + " line: " + e.getMessage());
                }
                deleteAll(disk.resolve("log"));
            }
        }
    }

    /**
     * Appends until nothing more has room, and then gives the disk more space. Says how many bytes of values were
     * acknowledged when the log called itself full, and in the end.
     */
    static final class FillDisk {
        private FillDisk() {}

        public static void main(final String[] arguments) throws IOException, InterruptedException {
            final Path directory = Path.of(arguments[0], "log");
            final boolean isZeroing = Boolean.parseBoolean(arguments[1]);
            long slots = 0;
            try (ChronicleLog log =
                    ChronicleLog.builder(directory, 7, 3).disk(disk(isZeroing)).open()) {
                awaitReserve(directory);
                long slotsWhenFull = 0;
                boolean isSynced = true;
                while (isSynced && log.hasRoomFor(VALUE_BYTES)) {
                    if (slots == 100) {
                        awaitZeros(directory, isZeroing);
                    }
                    slotsWhenFull += log.isFull() ? 0 : 1;
                    accept(log, 5, slots + 1, new byte[VALUE_BYTES]);
                    isSynced = log.sync() == 1;
                    slots++;
                }
                System.out.println("full at " + slotsWhenFull * VALUE_BYTES);
                System.out.println("fits " + slots * VALUE_BYTES);
                grow(arguments[0]);
                syncAndWait(log);
                while (log.isFull() || !log.hasRoomFor(VALUE_BYTES)) {
                    log.sync();
                    LockSupport.parkNanos(1_000_000);
                }
                accept(log, 5, ++slots, new byte[VALUE_BYTES]);
                syncAndWait(log);
            }
            try (ChronicleLog log = ChronicleLog.open(directory, 7, 3)) {
                for (long slot = 1; slot <= slots; slot++) {
                    if (read(log, slot).length != VALUE_BYTES) {
                        throw new AssertionError("lost: slot " + slot);
                    }
                }
            }
        }

        /** A replica that starts on a full disk votes from what was set aside. */
        private static void awaitReserve(final Path directory) throws IOException {
            while (!Files.exists(directory.resolve("RESERVE")) || Files.size(directory.resolve("RESERVE")) < 4 << 20) {
                LockSupport.parkNanos(1_000_000);
            }
        }

        private static void grow(final String mount) throws IOException, InterruptedException {
            final Process remount = new ProcessBuilder("mount", "-o", "remount,size=256M", mount)
                    .inheritIO()
                    .start();
            if (remount.waitFor() != 0) {
                throw new IOException("cannot give " + mount + " more space");
            }
        }

        private static Disk disk(final boolean isZeroing) {
            return !isZeroing
                    ? new Disk()
                    : new Disk() {
                        @Override
                        public long usableBytes(final Path file) {
                            return Long.MAX_VALUE; // so zeros take what there is
                        }
                    };
        }

        /** The flusher writes zeros while it has nothing else to do. */
        private static void awaitZeros(final Path directory, final boolean isZeroing) {
            while (isZeroing && directory.toFile().getUsableSpace() > 8 << 20) {
                Thread.onSpinWait();
            }
        }
    }

    /** Appends until the memory for the index is used up, or as many slots as told. */
    static final class FillIndex {
        private FillIndex() {}

        public static void main(final String[] arguments) {
            final long limit = Long.parseLong(arguments[1]);
            long slots = 0;
            try (ChronicleLog log = small(Path.of(arguments[0])).open()) {
                slots = log.lastSlot();
                while (slots < limit) {
                    for (int i = 0; i < 1000; i++) {
                        accept(log, 5, slots + 1 + i);
                    }
                    syncAndWait(log);
                    slots += 1000;
                }
            } catch (LogException e) {
                System.out.println("stopped: " + e.getMessage());
            }
            System.out.println("durable " + slots);
        }
    }

    @Nested
    class Little_disk_space {
        /** F20, L17: chronicle-queue #1282: what Chronicle stores to through a mapping has blocks by then. */
        @Test
        void however_little_is_free_at_the_start_no_signal_ends_the_process() throws Exception {
            final List<String> lines = run(OpenWithLittleSpace.class, "8M", List.of());
            assertThat(lines).hasSize(101);
            assertThat(lines.get(0)).startsWith("1 line: ");
            assertThat(lines.get(100)).isEqualTo("opened with 400");
            assertThat(lines).allSatisfy(line -> {
                if (!line.startsWith("opened")) {
                    assertThat(line)
                            .startsWith("1 line: cannot open the log in ")
                            .endsWith("No space left on device: free disk space");
                }
            });
        }

        /** F21: 7.5 MiB fitted before. */
        @Test
        void a_disk_of_40_mib_holds_more_than_36_mib_of_records() throws Exception {
            requireFits("false");
        }

        /** F21: although they took nearly all there was. Afterwards the log goes on by itself. */
        @Test
        void zeros_of_the_next_segment_are_given_back_before_a_write_of_records_fails() throws Exception {
            requireFits("true");
        }

        private void requireFits(final String isZeroing) throws Exception {
            final List<String> lines = run(FillDisk.class, "40M", List.of(), isZeroing);
            assertThat(lines).hasSize(2);
            final long fits = Long.parseLong(lines.get(1).substring("fits ".length()));
            assertThat(fits).isGreaterThan(36L << 20);
            final long full = Long.parseLong(lines.get(0).substring("full at ".length()));
            assertThat(fits - full).as("votes take what was set aside").isBetween(3L << 20, 5L << 20);
        }

        private List<String> run(
                final Class<?> main, final String size, final List<String> options, final String... more)
                throws Exception {
            final String mounted = "mount -t tmpfs -o size=" + size + " none \"$0\" && exec \"$@\"";
            final List<String> unshare = List.of("unshare", "-rm", "sh", "-c", mounted, temporary.toString());
            assumeTrue(canRun(with(unshare, "true")), "no user may mount a file system here");
            final List<String> arguments = new ArrayList<>(List.of(temporary.toString()));
            arguments.addAll(List.of(more));
            return lines(ChildJvm.start(
                    with(unshare, ChildJvm.JAVA.toString()),
                    with(options, ChildJvm.ourFlags().toArray(String[]::new)),
                    main,
                    arguments.toArray(String[]::new)));
        }
    }

    @Nested
    class Little_direct_memory {
        /** F24, L23. */
        @Test
        void the_bound_and_its_flag_are_named_when_appending_and_when_opening_and_nothing_is_lost() throws Exception {
            final List<String> first = fillIndex("6m", 1_000_000);
            assertThat(first.get(0))
                    .contains("the index of slot ", "raise -XX:MaxDirectMemorySize", "the log itself is intact");
            final long durable = Long.parseLong(first.get(1).substring("durable ".length()));
            assertThat(durable).isGreaterThan(100_000);
            final List<String> second = fillIndex("5m", 0);
            assertThat(second.get(0)).contains("raise -XX:MaxDirectMemorySize", "the log itself is intact");
            assertThat(second).hasSize(2);
            try (ChronicleLog log = small(temporary).open()) {
                assertThat(log.lastSlot()).isGreaterThanOrEqualTo(durable);
                assertThat(read(log, durable)).isEqualTo(value(5, durable));
            }
        }

        private List<String> fillIndex(final String memory, final int slots) throws Exception {
            final List<String> options = with(
                    List.of("-XX:MaxDirectMemorySize=" + memory),
                    ChildJvm.ourFlags().toArray(String[]::new));
            return lines(ChildJvm.start(
                    List.of(ChildJvm.JAVA.toString()), options, FillIndex.class, temporary.toString(), "" + slots));
        }
    }

    private static List<String> lines(final Process process) throws Exception {
        final String output = ChildJvm.output(process);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines()
                .filter(line -> !line.contains(" WARN ") && !line.contains(" INFO "))
                .toList();
    }

    private static List<String> with(final List<String> first, final String... more) {
        final List<String> all = new ArrayList<>(first);
        all.addAll(List.of(more));
        return all;
    }

    private static boolean canRun(final List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Leaves so many bytes of the file system free. */
    private static void fill(final Path filler, final int freeBytes) throws IOException {
        Files.deleteIfExists(filler);
        final long usable = filler.getParent().toFile().getUsableSpace();
        final byte[] zeros = new byte[4096];
        try (OutputStream output = Files.newOutputStream(filler)) {
            for (long left = usable - freeBytes; left > 0; left -= zeros.length) {
                output.write(zeros);
            }
        }
    }

    private static void deleteAll(final Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> paths = Files.walk(directory)) {
                for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
