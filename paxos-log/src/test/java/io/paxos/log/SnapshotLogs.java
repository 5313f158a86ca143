package io.paxos.log;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.SnapshotStore;
import io.paxos.spi.SnapshotStore.Input;
import io.paxos.spi.SnapshotStore.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/** What the tests of snapshots have in common: contents that are told by their slot, and waiting for the disk. */
final class SnapshotLogs {
    static final int CHUNK_BYTES = 256 << 10;

    private static final int SLICE_BYTES = 100_000;
    private static final int WAIT_S = 30;

    private SnapshotLogs() {}

    static byte[] content(final long slot, final int length) {
        final byte[] bytes = new byte[length];
        new Random(slot).nextBytes(bytes);
        return bytes;
    }

    /** Writes a snapshot as a replica does, slice by slice while there is room; returns it durable or failed. */
    static Output write(final AcceptorLog log, final long slot, final byte[] content) {
        final Semaphore woken = new Semaphore(0);
        final Output output = log.snapshots().begin(slot, woken::release);
        for (int at = 0; at < content.length; ) {
            final int length = Math.min(SLICE_BYTES, content.length - at);
            while (output.room() <= 0 && output.state() == Output.State.WRITING) {
                await(woken);
            }
            output.write(new UnsafeBuffer(content), at, length);
            at += length;
        }
        if (output.state() == Output.State.WRITING) {
            output.finish();
        }
        return await(output, woken);
    }

    static void writeDurably(final AcceptorLog log, final long slot, final byte[] content) {
        final Output output = write(log, slot, content);
        if (output.state() != Output.State.DURABLE) {
            throw new AssertionError(output.failure());
        }
    }

    /** Begins to receive, and waits until it is known how much is there. */
    static Output receive(final AcceptorLog log, final long slot, final long id, final Semaphore woken) {
        final Output output = log.snapshots().receive(slot, id, woken::release);
        while (output.state() == Output.State.RESUMING) {
            await(woken);
        }
        return output;
    }

    /** Writes what follows the bytes that are there, up to {@code limit}, and waits until the disk has it. */
    static void writeThrough(final Output output, final byte[] content, final int limit, final Semaphore woken) {
        final long room = output.room();
        final int from = Math.toIntExact(output.length());
        output.write(new UnsafeBuffer(content), from, limit - from);
        final int notFull = (limit - from) % CHUNK_BYTES;
        while (output.state() == Output.State.WRITING && output.room() < room - notFull) {
            await(woken);
        }
    }

    /** Receives what is missing. Returns how much was there. */
    static long receiveRest(final AcceptorLog log, final long slot, final long id, final byte[] content) {
        final Semaphore woken = new Semaphore(0);
        final Output output = receive(log, slot, id, woken);
        final long found = output.length();
        writeThrough(output, content, content.length, woken);
        output.finish();
        if (await(output, woken).state() != Output.State.DURABLE) {
            throw new AssertionError(output.failure());
        }
        return found;
    }

    /** Waits until it is durable or has failed. */
    static Output await(final Output output, final Semaphore woken) {
        while (output.state() != Output.State.DURABLE && output.state() != Output.State.FAILED) {
            await(woken);
        }
        return output;
    }

    /** Waits for one wake-up. */
    static void await(final Semaphore woken) {
        try {
            if (!woken.tryAcquire(WAIT_S, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody was woken up for " + WAIT_S + " s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] read(final AcceptorLog log, final long slot) {
        return read(log.snapshots(), slot);
    }

    static byte[] read(final SnapshotStore snapshots, final long slot) {
        try (Input input = snapshots.open(slot)) {
            final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Math.toIntExact(input.length())]);
            final UnsafeBuffer slice = new UnsafeBuffer(new byte[SLICE_BYTES]);
            int at = 0;
            for (int read = input.read(slice, 0, SLICE_BYTES); read >= 0; read = input.read(slice, 0, SLICE_BYTES)) {
                buffer.putBytes(at, slice, 0, read);
                at += read;
            }
            if (at != input.length()) {
                throw new AssertionError(at + " bytes of " + input.length());
            }
            return buffer.byteArray();
        }
    }

    static Path directory(final Path log) {
        return log.resolve("snapshots");
    }

    static Path file(final Path log, final long slot) {
        return directory(log).resolve(String.format(Locale.ROOT, "snapshot-%019d", slot));
    }

    static Path part(final Path log, final long slot) {
        return directory(log).resolve(file(log, slot).getFileName() + ".part");
    }

    /** The names of all files beside the records that have to do with snapshots. */
    static List<String> files(final Path log) throws IOException {
        try (Stream<Path> paths = Files.list(directory(log))) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
