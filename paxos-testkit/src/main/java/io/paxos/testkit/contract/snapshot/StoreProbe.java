package io.paxos.testkit.contract.snapshot;

import static io.paxos.testkit.contract.BrokenPromise.requireEqual;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.SnapshotStore;
import io.paxos.spi.SnapshotStore.Input;
import io.paxos.spi.SnapshotStore.Output;
import io.paxos.testkit.contract.BrokenPromise;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/** Drives a store as a replica does, and checks what it answers. */
final class StoreProbe implements AutoCloseable {
    private static final int SLICE_BYTES = 10_007; // a prime, so that slices and chunks of a store do not coincide
    private static final int MARGIN = 3; // bytes of garbage on both sides of a slice
    private static final byte GARBAGE = (byte) 0xA5;

    private final SnapshotStoreContract contract;
    private final Path directory;
    private final Semaphore wakeups = new Semaphore(0);
    private AcceptorLog log; // the one opened last

    StoreProbe(final SnapshotStoreContract contract, final Path directory) {
        this.contract = contract;
        this.directory = directory;
        open();
        if (!store().isAvailable()) {
            throw new BrokenPromise(StorePromises.AVAILABLE, "isAvailable() is false");
        }
    }

    SnapshotStore store() {
        return log.snapshots();
    }

    /** The bytes that a snapshot has in the tests. */
    static byte[] content(final long seed, final int length) {
        final byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** Closes the log and opens it again. Without reopening it only waits. */
    void reopen() {
        if (contract.survivesReopening()) {
            log.close();
            open();
        }
    }

    Output begin(final long slot) {
        final Output output = store().begin(slot, wakeups::release);
        requireEqual(StorePromises.OUTPUT_LENGTH, "length() at the beginning", 0L, output.length());
        return output;
    }

    /** Begins to receive, and waits until it is known how much is there. */
    Output receive(final long slot, final long id) {
        final Output output = store().receive(slot, id, wakeups::release);
        requireEqual(StorePromises.UNFINISHED, "unfinishedSlot() while receiving", slot, store().unfinishedSlot());
        requireEqual(StorePromises.UNFINISHED, "unfinishedId() while receiving", id, store().unfinishedId());
        if (output.state() == Output.State.RESUMING) {
            requireResuming(output);
        }
        await(() -> output.state() != Output.State.RESUMING, StorePromises.WAKEUP, "the store looks for what is there");
        requireState(output, Output.State.WRITING, StorePromises.RESUMED);
        return output;
    }

    private static void requireResuming(final Output output) {
        final long room = output.room();
        final long length = output.length();
        if (output.state() == Output.State.RESUMING) { // and was when room and length were asked for
            requireEqual(StorePromises.RESUMING, "length()", -1L, length);
            requireEqual(StorePromises.RESUMING, "room()", 0L, Math.max(0, room));
        }
    }

    /** Appends what follows the bytes that are there, up to {@code limit}, slice by slice while there is room. */
    void write(final Output output, final byte[] content, final int limit) {
        while (output.length() < limit) {
            awaitRoom(output);
            final int at = Math.toIntExact(output.length());
            final int length = Math.min(SLICE_BYTES, limit - at);
            final UnsafeBuffer slice = new UnsafeBuffer(new byte[length + 2 * MARGIN]);
            slice.setMemory(0, slice.capacity(), GARBAGE);
            slice.putBytes(MARGIN, content, at, length);
            output.write(slice, MARGIN, length);
            slice.setMemory(0, slice.capacity(), GARBAGE);
            requireEqual(StorePromises.OUTPUT_LENGTH, "length()", (long) at + length, output.length());
        }
    }

    void awaitRoom(final Output output) {
        await(
                () -> output.room() > 0 || output.state() != Output.State.WRITING,
                StorePromises.WAKEUP,
                "there is no room");
        requireState(output, Output.State.WRITING, StorePromises.DURABLE);
    }

    /** Waits until the medium has all bytes, but for {@code rest}; {@code room} is what there was before the first. */
    void awaitWritten(final Output output, final long room, final int rest) {
        await(() -> output.room() >= room - rest, StorePromises.WAKEUP, "the medium is behind");
    }

    /** Ends it, and waits until it is durable. */
    void finish(final Output output, final long slot) {
        output.finish();
        await(
                () -> output.state() == Output.State.DURABLE || output.state() == Output.State.FAILED,
                StorePromises.WAKEUP,
                "it is not durable");
        requireState(output, Output.State.DURABLE, StorePromises.DURABLE);
        if (Arrays.stream(store().slots()).noneMatch(kept -> kept == slot)) {
            throw new BrokenPromise(
                    StorePromises.DURABLE, "slots() is " + Arrays.toString(store().slots()) + " without " + slot);
        }
    }

    /** Writes a whole snapshot. */
    void writeDurably(final long slot, final byte[] content) {
        final Output output = begin(slot);
        write(output, content, content.length);
        finish(output, slot);
    }

    /** Receives what is missing of a snapshot. Returns how many bytes were there. */
    long receiveDurably(final long slot, final long id, final byte[] content) {
        return receiveDurably(receive(slot, id), slot, id, content);
    }

    /** Ends what {@code output} has begun to receive. Returns how many bytes were there. */
    long receiveDurably(final Output output, final long slot, final long id, final byte[] content) {
        final long found = output.length();
        requireEqual(StorePromises.RESUMED, "whether there is more than was sent", false, found > content.length);
        write(output, content, content.length);
        finish(output, slot);
        requireContent(slot, content, StorePromises.RESUMED);
        requireEqual(StorePromises.RECEIVED_ID, "id()", id, id(slot));
        requireNothingUnfinished();
        return found;
    }

    void requireNothingUnfinished() {
        requireEqual(StorePromises.UNFINISHED, "unfinishedSlot()", 0L, store().unfinishedSlot());
        requireEqual(StorePromises.UNFINISHED, "unfinishedId()", 0L, store().unfinishedId());
    }

    void requireSlots(final String promise, final long... expected) {
        requireEqual(promise, "slots()", Arrays.toString(expected), Arrays.toString(store().slots()));
    }

    /** Reads all of a snapshot in parts of different lengths, and compares. */
    void requireContent(final long slot, final byte[] expected, final String promise) {
        try (Input input = store().open(slot)) {
            requireEqual(StorePromises.INPUT_LENGTH, "length()", (long) expected.length, input.length());
            final UnsafeBuffer buffer = new UnsafeBuffer(new byte[SLICE_BYTES]);
            int at = 0;
            for (int read = input.read(buffer, 0, SLICE_BYTES); read > 0; read = input.read(buffer, 0, 1 + at % 999)) {
                requireBytes(expected, at, buffer.byteArray(), read, promise);
                at += read;
            }
            requireEqual(promise, "where slot " + slot + " ends", expected.length, at);
            requireEqual(promise, "a read at the end", -1, input.read(buffer, 0, 1));
        } catch (final IllegalStateException e) {
            throw new BrokenPromise(promise, e);
        }
    }

    /** Reads a few bytes from one byte on. */
    void requireSought(final Input input, final byte[] expected, final int position, final String promise) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[SLICE_BYTES]);
        input.seek(position);
        final int read = input.read(buffer, 0, SLICE_BYTES);
        if (position == expected.length) {
            requireEqual(promise, "a read at the end", -1, read);
        } else {
            requireBytes(expected, position, buffer.byteArray(), read, promise);
        }
    }

    static void requireBytes(
            final byte[] expected, final int at, final byte[] found, final int read, final String promise) {
        final boolean isSame =
                read > 0 && read <= expected.length - at && Arrays.equals(expected, at, at + read, found, 0, read);
        if (!isSame) {
            throw new BrokenPromise(promise, read + " bytes from byte " + at + " on are not those that were written");
        }
    }

    long id(final long slot) {
        try (Input input = store().open(slot)) {
            return input.id();
        }
    }

    private static void requireState(final Output output, final Output.State expected, final String promise) {
        if (output.state() != expected) {
            throw new BrokenPromise(promise, "the state is " + output.state() + ": " + output.failure());
        }
    }

    /** Like a replica, it looks only when it is woken. */
    private void await(final BooleanSupplier condition, final String promise, final String what) {
        final long deadlineNs = System.nanoTime() + contract.timeoutNs();
        while (!condition.getAsBoolean()) {
            contract.letWork();
            try {
                if (!wakeups.tryAcquire(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    throw new BrokenPromise(
                            promise,
                            what + ", and no call for " + TimeUnit.NANOSECONDS.toMillis(contract.timeoutNs()) + " ms");
                }
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for the store", e);
            }
        }
    }

    private void open() {
        try {
            log = contract.open(directory);
        } catch (final RuntimeException e) {
            throw new BrokenPromise(StorePromises.OPENS, e);
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
