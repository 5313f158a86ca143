package io.paxos.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.agrona.CloseHelper;

/** Files that are written to and forced; their blocks exist already, or each force has to allocate them. */
final class Forces implements AutoCloseable {
    private static final int SLICE_BYTES = 1 << 20;

    private final List<FileChannel> files = new ArrayList<>();
    private final ByteBuffer record; // zeros; each writer has its own view
    private final ExecutorService threads;
    private final int bytes;
    private final long fileBytes;
    private final boolean areOverwritten;

    /** Where the next record goes, in every file. */
    private long at;

    Forces(final Path directory, final int count, final int bytes, final long fileBytes, final boolean areOverwritten)
            throws IOException {
        this.bytes = bytes;
        record = ByteBuffer.allocateDirect(bytes);
        this.fileBytes = fileBytes;
        this.areOverwritten = areOverwritten;
        threads = Executors.newFixedThreadPool(count);
        final ByteBuffer zeros = ByteBuffer.allocateDirect(SLICE_BYTES);
        for (int i = 0; i < count; i++) {
            final FileChannel file = FileChannel.open(
                    directory.resolve("force-" + i),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
            files.add(file);
            for (long end = 0; areOverwritten && end < fileBytes; end += SLICE_BYTES) {
                file.write(zeros.clear(), end);
            }
            file.force(true);
        }
    }

    /** Appends a record to every file, at the same time; returns when all of them are on disk. */
    void writeAndForceAll() throws IOException {
        if (files.size() == 1) {
            writeAndForce(files.get(0), at);
        } else {
            final List<Future<?>> parts = new ArrayList<>();
            final long from = at;
            for (final FileChannel file : files) {
                parts.add(threads.submit(() -> {
                    writeAndForce(file, from);
                    return null;
                }));
            }
            for (final Future<?> part : parts) {
                join(part);
            }
        }
        at = at + 2L * bytes > fileBytes ? 0 : at + bytes;
    }

    private void writeAndForce(final FileChannel file, final long from) throws IOException {
        if (from == 0 && !areOverwritten) {
            file.truncate(0);
        }
        file.write(record.duplicate(), from);
        file.force(false);
    }

    private static void join(final Future<?> part) throws IOException {
        try {
            part.get();
        } catch (final ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a file was being forced", e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        CloseHelper.closeAll(files);
    }
}
