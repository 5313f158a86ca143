package io.paxos.examples.kv;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A client of the Redis protocol that blocks, of one thread: as much as a demo and tests need. */
final class RespClient implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;

    /**
     * Connects.
     *
     * @param patience how long to wait for the connection and for each piece of an answer
     * @throws IOException if no server listens there
     */
    RespClient(final InetSocketAddress address, final Duration patience) throws IOException {
        final int patienceMs = Math.toIntExact(patience.toMillis());
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(patienceMs);
            socket.connect(address, patienceMs);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (final IOException e) {
            socket.close();
            throw e;
        }
    }

    /** One command and its answer. */
    RespReply call(final String... words) throws IOException {
        send(words);
        return receive();
    }

    /** One command whose answer is {@link #receive received} later: pipelining. */
    void send(final String... words) throws IOException {
        send(Arrays.stream(words)
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList());
    }

    void send(final List<byte[]> words) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ascii("*" + words.size() + "\r\n"));
        for (final byte[] word : words) {
            out.writeBytes(ascii("$" + word.length + "\r\n"));
            out.writeBytes(word);
            out.writeBytes(ascii("\r\n"));
        }
        sendRaw(out.toByteArray());
    }

    /** Any bytes, also such that are not the protocol. */
    void sendRaw(final byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    RespReply receive() throws IOException {
        final String line = line();
        final String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> new RespReply.Simple(rest);
            case '-' -> new RespReply.Failure(rest);
            case ':' -> new RespReply.Int(Long.parseLong(rest));
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> array(Integer.parseInt(rest));
            default -> throw new IOException("not a reply: " + line);
        };
    }

    private RespReply bulk(final int length) throws IOException {
        if (length < 0) {
            return new RespReply.Nil();
        }
        final byte[] bytes = in.readNBytes(length);
        if (bytes.length < length || !line().isEmpty()) {
            throw new EOFException("the server hung up within a reply");
        }
        return new RespReply.Bulk(bytes);
    }

    private RespReply array(final int count) throws IOException {
        if (count < 0) {
            return new RespReply.Nil();
        }
        final List<RespReply> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(receive());
        }
        return new RespReply.Array(items);
    }

    private String line() throws IOException {
        final ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            final int b = in.read();
            if (b < 0) {
                throw new EOFException("the server hung up");
            }
            if (b == '\n') {
                return line.toString(StandardCharsets.UTF_8).stripTrailing();
            }
            line.write(b);
        }
    }

    /** Whether the server closes the connection without sending anything more. */
    boolean hungUp() throws IOException {
        return in.read() < 0;
    }

    private static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
