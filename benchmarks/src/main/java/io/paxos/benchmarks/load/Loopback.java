package io.paxos.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** One TCP connection over loopback. The caller has one end, a thread of this object the other. */
final class Loopback implements AutoCloseable {
    private static final int SINK_BYTES = 256 << 10;

    /** How to wait for bytes. */
    enum Waiting {
        /** Reads without blocking, and yields between two attempts, as a replica's thread does. */
        POLLING,
        /** Blocks in the read. */
        BLOCKING
    }

    private final SocketChannel near;
    private final SocketChannel far;
    private final ByteBuffer message;

    Loopback(final int messageBytes, final Waiting waiting) throws IOException {
        message = ByteBuffer.allocateDirect(messageBytes);
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            near = SocketChannel.open(listener.getLocalAddress());
            far = listener.accept();
        }
        for (final SocketChannel end : new SocketChannel[] {near, far}) {
            end.setOption(StandardSocketOptions.TCP_NODELAY, true);
            end.configureBlocking(waiting == Waiting.BLOCKING);
        }
    }

    /** The far end sends every message back. */
    void startEcho() {
        final ByteBuffer echoed = ByteBuffer.allocateDirect(message.capacity());
        start(() -> {
            readFully(far, echoed);
            writeFully(far, echoed.flip());
        });
    }

    /** The far end reads and drops every message. */
    void startSink() {
        final ByteBuffer sink = ByteBuffer.allocateDirect(SINK_BYTES);
        start(() -> {
            if (far.read(sink.clear()) < 0) {
                throw new ClosedChannelException();
            }
        });
    }

    void roundTrip() throws IOException {
        write();
        readFully(near, message);
    }

    void write() throws IOException {
        writeFully(near, message.clear());
    }

    private void start(final MachineLimits.Operation turn) {
        final Thread thread = new Thread(() -> repeat(turn), "far-end");
        thread.setDaemon(true);
        thread.start();
    }

    private static void repeat(final MachineLimits.Operation turn) {
        try {
            while (true) {
                turn.run();
            }
        } catch (final IOException e) {
            return; // closed after the measurement; if it is closed earlier, the near end fails
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // without it, the other end gets a shared core only after a time slice
    private static void readFully(final SocketChannel from, final ByteBuffer into) throws IOException {
        into.clear();
        while (into.hasRemaining()) {
            final int read = from.read(into);
            if (read < 0) {
                throw new ClosedChannelException();
            }
            if (read == 0) {
                Thread.yield();
            }
        }
    }

    private static void writeFully(final SocketChannel to, final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        near.close();
        far.close();
    }
}
