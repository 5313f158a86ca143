package io.paxos.benchmarks.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file to compare a log with. It has the size of a segment, is filled with zeros and forced beforehand, and is
 * written from the beginning again when it is full. A record has as many bytes as the log writes for it.
 */
final class RawFile implements AutoCloseable {
    private static final int FILE_BYTES = 32 << 20;
    private static final int RECORD_HEADER_BYTES = 64 + 4; // the log's own, and that of the queue below it

    private final ByteBuffer record;
    private final FileChannel channel;
    private long position;

    RawFile(final Path directory, final int valueLength) throws IOException {
        record = ByteBuffer.allocateDirect(RECORD_HEADER_BYTES + valueLength);
        channel = FileChannel.open(directory.resolve("raw"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        final ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        while (channel.position() < FILE_BYTES) {
            channel.write(zeros.clear());
        }
        channel.force(true);
    }

    void append() throws IOException {
        if (position + record.capacity() > FILE_BYTES) {
            position = 0;
        }
        record.clear();
        while (record.hasRemaining()) {
            position += channel.write(record, position);
        }
    }

    void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
