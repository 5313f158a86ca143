package io.paxos.testkit.contract.snapshot;

import static io.paxos.testkit.contract.BrokenPromise.requireEqual;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.SnapshotStore.Input;
import io.paxos.spi.SnapshotStore.Output;
import io.paxos.testkit.contract.BrokenPromise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What every {@link io.paxos.spi.SnapshotStore} promises: extend it, implement {@link #open}, and run it with jqwik.
 *
 * <p>A store should override {@link #damage} too: without it, damage is not tested. The contract cannot make a medium
 * fail.
 */
public abstract class SnapshotStoreContract {
    private static final long ID = 0x5EED_0F_1DL;

    private Path directory;
    private StoreProbe probe;

    /**
     * Opens the log in this directory whose {@link AcceptorLog#snapshots} is the store. The directory is empty at
     * first, and later holds the files of an earlier log that was closed. Each call returns a new log, and the contract
     * closes it.
     */
    protected abstract AcceptorLog open(Path directory);

    /**
     * Flips a bit of byte {@code position} of this snapshot, where the store keeps it. The second time the snapshot is
     * sound again. False unless overridden: no damage is tried.
     *
     * @throws IOException if that cannot be done, which fails the test
     */
    protected boolean damage(final Path directory, final long slot, final long position) throws IOException {
        return false;
    }

    /** Whether a store that is opened again has what was there before. True unless overridden. */
    protected boolean survivesReopening() {
        return true;
    }

    /** Lets a store work that has no thread of its own. Called whenever the contract waits. Does nothing by default. */
    protected void letWork() {}

    /** A wait that takes longer fails the test, in nanoseconds. 20 s unless overridden. */
    protected long timeoutNs() {
        return TimeUnit.SECONDS.toNanos(20);
    }

    /** How many bytes the longest snapshot has that is tried. 3 MiB and some unless overridden. */
    protected int lengthTried() {
        return (3 << 20) + 77;
    }

    /** How many of the bytes that were written may be lost when receiving is interrupted. 1 MiB unless overridden. */
    protected int lossMax() {
        return 1 << 20;
    }

    @BeforeTry
    public void openInAnEmptyDirectory() throws IOException {
        directory = Files.createTempDirectory("paxos-snapshot-contract");
        probe = new StoreProbe(this, directory);
    }

    @AfterTry
    public void closeAndDelete() throws IOException {
        if (probe != null) {
            probe.close();
            probe = null;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Example
    public void a_new_store_has_nothing() {
        probe.requireSlots(StorePromises.NEWEST_TWO);
        probe.requireNothingUnfinished();
        probe.reopen();
        probe.requireSlots(StorePromises.NEWEST_TWO);
        probe.requireNothingUnfinished();
    }

    @Example
    public void a_snapshot_of_any_length_is_read_as_it_was_written() {
        long slot = 0;
        for (final int length : new int[] {0, 1, 63, 64, 65, lengthTried()}) {
            slot += 10;
            final byte[] content = StoreProbe.content(slot, length);
            probe.writeDurably(slot, content);
            probe.requireContent(slot, content, StorePromises.BYTES);
            probe.reopen();
            probe.requireContent(slot, content, StorePromises.BYTES);
        }
    }

    @Example
    public void a_snapshot_does_not_exist_before_it_is_durable() {
        final byte[] content = StoreProbe.content(1, 5_000);
        for (int round = 0; round < 3; round++) {
            final Output output = probe.begin(5);
            probe.requireSlots(StorePromises.NOT_BEFORE);
            probe.write(output, content, round * 2_500);
            requireEqual(StorePromises.NOT_BEFORE, "state()", Output.State.WRITING, output.state());
            probe.requireSlots(StorePromises.NOT_BEFORE);
            output.abandon();
            probe.reopen();
            probe.requireSlots(StorePromises.NOT_BEFORE);
        }
        probe.writeDurably(5, content);
        probe.reopen();
        probe.requireSlots(StorePromises.NEWEST_TWO, 5);
    }

    @Example
    public void the_newest_two_are_kept_the_newest_first() {
        for (long slot = 1; slot <= 5; slot++) {
            probe.writeDurably(slot, StoreProbe.content(slot, (int) (1_000 * slot)));
            for (int round = 0; round < 2; round++) {
                probe.requireContent(slot, StoreProbe.content(slot, (int) (1_000 * slot)), StorePromises.BYTES);
                if (slot > 1) {
                    probe.requireSlots(StorePromises.NEWEST_TWO, slot, slot - 1);
                    probe.requireContent(
                            slot - 1, StoreProbe.content(slot - 1, (int) (1_000 * slot - 1_000)), StorePromises.BYTES);
                }
                probe.reopen();
            }
        }
    }

    @Example
    public void a_snapshot_that_is_open_stays_until_it_is_closed() {
        final byte[] content = StoreProbe.content(1, lengthTried());
        probe.writeDurably(1, content);
        final Input another = probe.store().open(1);
        try (Input input = probe.store().open(1)) {
            for (long slot = 2; slot <= 4; slot++) {
                probe.writeDurably(slot, StoreProbe.content(slot, 100));
            }
            another.close();
            probe.writeDurably(5, StoreProbe.content(5, 100));
            probe.requireSlots(StorePromises.OPEN_STAYS, 5, 4, 1);
            probe.requireContent(1, content, StorePromises.OPEN_STAYS);
            probe.requireSought(input, content, content.length / 2, StorePromises.OPEN_STAYS);
        }
        probe.writeDurably(6, StoreProbe.content(6, 100));
        probe.requireSlots(StorePromises.NEWEST_TWO, 6, 5);
    }

    @Example
    public void a_closing_ends_what_was_open() {
        if (!survivesReopening()) {
            return;
        }
        probe.writeDurably(1, StoreProbe.content(1, 100));
        final Input left = probe.store().open(1);
        probe.reopen();
        probe.writeDurably(2, StoreProbe.content(2, 100));
        probe.writeDurably(3, StoreProbe.content(3, 100));
        probe.requireSlots(StorePromises.NEWEST_TWO, 3, 2);
        left.close();
    }

    @Example
    public void a_slot_must_be_above_all_snapshots() {
        probe.writeDurably(7, StoreProbe.content(7, 100));
        for (int round = 0; round < 2; round++) {
            for (final long slot : new long[] {1, 6, 7}) {
                requireThrows(
                        StorePromises.ABOVE,
                        IllegalArgumentException.class,
                        () -> probe.store().begin(slot, () -> {}));
                requireThrows(
                        StorePromises.ABOVE,
                        IllegalArgumentException.class,
                        () -> probe.store().receive(slot, ID, () -> {}));
            }
            probe.reopen();
        }
        probe.receiveDurably(8, ID, StoreProbe.content(8, 100));
    }

    @Example
    public void one_snapshot_at_a_time_is_written_or_received() {
        requireAlone(probe.begin(3));
        requireAlone(probe.receive(3, ID));
        probe.writeDurably(4, StoreProbe.content(4, 100));
    }

    @Example
    public void of_a_snapshot_that_was_given_up_nothing_is_left() {
        final byte[] content = StoreProbe.content(9, 1_000);
        probe.writeDurably(3, StoreProbe.content(3, 100));
        for (int round = 0; round < 2; round++) {
            final Output output = probe.begin(9);
            probe.write(output, StoreProbe.content(1, lengthTried()), lengthTried());
            output.abandon();
            probe.requireSlots(StorePromises.ABANDONED, 3);
            probe.requireNothingUnfinished();
            if (round == 0) {
                probe.reopen();
            }
        }
        probe.writeDurably(9, content);
        probe.requireContent(9, content, StorePromises.ABANDONED);
    }

    @Example
    public void each_snapshot_that_is_written_has_an_id_of_its_own() {
        final byte[] content = StoreProbe.content(1, 1_000);
        probe.writeDurably(1, content);
        probe.writeDurably(2, content);
        final long first = probe.id(1);
        final long second = probe.id(2);
        probe.reopen();
        requireEqual(StorePromises.ID, "the id of the first after an opening", first, probe.id(1));
        requireEqual(StorePromises.ID, "the id of the second after an opening", second, probe.id(2));
        if (first == second) {
            throw new BrokenPromise(StorePromises.ID, "two have the id " + first);
        }
    }

    @Example
    public void reading_begins_at_any_byte_that_is_sought() {
        final byte[] content = StoreProbe.content(1, lengthTried());
        probe.writeDurably(1, content);
        final SplittableRandom random = new SplittableRandom(1);
        try (Input input = probe.store().open(1)) {
            probe.requireSought(input, content, content.length, StorePromises.SEEK);
            probe.requireSought(input, content, 0, StorePromises.SEEK);
            for (int round = 0; round < 100; round++) {
                probe.requireSought(input, content, random.nextInt(content.length + 1), StorePromises.SEEK);
            }
            requireThrows(StorePromises.SEEK_BEYOND, IllegalArgumentException.class, () -> input.seek(-1));
            requireThrows(
                    StorePromises.SEEK_BEYOND, IllegalArgumentException.class, () -> input.seek(content.length + 1L));
        }
    }

    @Example
    public void what_was_received_is_there_when_it_is_received_again() {
        final byte[] content = StoreProbe.content(1, lengthTried());
        long slot = 0;
        for (final int limit : new int[] {0, 1, content.length / 3, content.length - 1, content.length}) {
            slot += 10;
            interrupt(slot, ID + slot, content, limit);
            requireUnfinished(slot, ID + slot);
            final long found = probe.receiveDurably(slot, ID + slot, content);
            if (found < limit - lossMax() || found > limit) {
                throw new BrokenPromise(StorePromises.KEPT, found + " bytes of " + limit + " that were written");
            }
        }
    }

    /** Each attempt adds some bytes, so that each must find those of all before it. */
    @Example
    public void receiving_ends_although_it_is_interrupted_again_and_again() {
        final byte[] content = StoreProbe.content(2, lengthTried());
        final int attempts = 8;
        for (int attempt = 1; attempt < attempts; attempt++) {
            final int limit = (int) ((long) content.length * attempt / attempts);
            final Output output = probe.receive(5, ID);
            probe.write(output, content, Math.max(limit, Math.toIntExact(output.length())));
            output.abandon();
            if (attempt % 2 == 0) {
                probe.reopen();
            }
            requireUnfinished(5, ID);
        }
        probe.receiveDurably(5, ID, content);
        probe.reopen();
        probe.requireContent(5, content, StorePromises.RESUMED);
        requireEqual(StorePromises.RECEIVED_ID, "the id after an opening", ID, probe.id(5));
    }

    @Example
    public void nothing_of_another_id_or_another_slot_is_taken_over() {
        final byte[] first = StoreProbe.content(1, lengthTried());
        final byte[] second = StoreProbe.content(2, lengthTried());
        interrupt(5, ID, first, first.length);
        final Output otherId = probe.receive(5, ID + 1);
        requireEqual(StorePromises.OTHER, "length() with another id", 0L, otherId.length());
        probe.receiveDurably(otherId, 5, ID + 1, second);
        interrupt(6, ID, first, first.length);
        final Output otherSlot = probe.receive(7, ID);
        requireEqual(StorePromises.OTHER, "length() with another slot", 0L, otherSlot.length());
        probe.receiveDurably(otherSlot, 7, ID, second);
        probe.requireSlots(StorePromises.NEWEST_TWO, 7, 5);
    }

    @Example
    public void an_own_snapshot_leaves_a_later_one_that_is_received() {
        final byte[] content = StoreProbe.content(1, lengthTried());
        interrupt(5, ID, content, content.length);
        probe.writeDurably(4, StoreProbe.content(4, 100));
        requireUnfinished(5, ID);
        final long found = probe.receiveDurably(5, ID, content);
        requireEqual(StorePromises.KEPT, "whether enough was there", true, found >= content.length - lossMax());
        interrupt(6, ID, content, content.length);
        probe.writeDurably(6, StoreProbe.content(6, 100));
        probe.requireNothingUnfinished();
        probe.reopen();
        probe.requireNothingUnfinished();
    }

    @Example
    public void no_damaged_byte_is_given_out() throws IOException {
        final byte[] content = StoreProbe.content(1, lengthTried());
        probe.writeDurably(1, content);
        for (final int position : new int[] {0, content.length / 2, content.length - 1}) {
            if (!damage(directory, 1, position)) {
                return;
            }
            requireRefused(content, 0);
            requireRefused(content, position);
            damage(directory, 1, position); // back again
        }
    }

    /** Reads to the end from a byte on; the damage lies there or behind. */
    private void requireRefused(final byte[] content, final int from) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1 << 16]);
        try (Input input = probe.store().open(1)) {
            int at = from;
            input.seek(from);
            for (int read = input.read(buffer, 0, 1 << 16); read > 0; read = input.read(buffer, 0, 1 << 16)) {
                StoreProbe.requireBytes(content, at, buffer.byteArray(), read, StorePromises.DAMAGE);
                at += read;
            }
        } catch (final IllegalStateException expected) {
            return;
        }
        throw new BrokenPromise(StorePromises.DAMAGE, "everything from byte " + from + " on was given out");
    }

    /** Receives so many bytes, waits until the medium has them, and closes the store. */
    private void interrupt(final long slot, final long id, final byte[] content, final int limit) {
        final Output output = probe.receive(slot, id);
        probe.awaitRoom(output);
        final long room = output.room();
        probe.write(output, content, limit);
        probe.awaitWritten(output, room, lossMax());
        output.abandon();
        probe.reopen();
    }

    private void requireAlone(final Output output) {
        requireThrows(
                StorePromises.ONE,
                IllegalStateException.class,
                () -> probe.store().begin(4, () -> {}));
        requireThrows(
                StorePromises.ONE,
                IllegalStateException.class,
                () -> probe.store().receive(4, ID, () -> {}));
        output.abandon();
    }

    private void requireUnfinished(final long slot, final long id) {
        requireEqual(
                StorePromises.UNFINISHED,
                "unfinishedSlot()",
                slot,
                probe.store().unfinishedSlot());
        requireEqual(
                StorePromises.UNFINISHED, "unfinishedId()", id, probe.store().unfinishedId());
    }

    private static void requireThrows(
            final String promise, final Class<? extends RuntimeException> expected, final Runnable call) {
        try {
            call.run();
        } catch (final RuntimeException e) {
            if (expected.isInstance(e)) {
                return;
            }
            throw new BrokenPromise(promise, e);
        }
        throw new BrokenPromise(promise, "nothing was thrown");
    }
}
