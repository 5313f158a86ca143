package io.paxos.benchmarks.load.peers;

import io.microraft.model.log.LogEntry;
import io.microraft.model.log.RaftGroupMembersView;
import io.microraft.model.log.SnapshotChunk;
import io.microraft.model.persistence.RaftEndpointPersistentState;
import io.microraft.model.persistence.RaftTermPersistentState;
import io.microraft.persistence.RaftStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;

/**
 * An append-only log of zero-filled, recycled segments; flush() writes what has gathered and forces it with
 * FileChannel.force(false). Enough to pay what a durable log pays; reading it back after a restart is not written.
 */
final class MicroRaftStore implements RaftStore {
    private static final int SEGMENT = 16 << 20;

    private static final class Segment {
        private FileChannel channel;
        private long lastIndex;
        private int used;
    }

    private final Path dir;
    private final ArrayDeque<Segment> live = new ArrayDeque<>();
    private final ArrayDeque<Segment> free = new ArrayDeque<>();
    private ByteBuffer pending = ByteBuffer.allocateDirect(1 << 20);
    private Segment current;
    private long lastIndex;
    private int created;

    MicroRaftStore(final Path dir, final int preallocate) throws IOException {
        this.dir = Files.createDirectories(dir);
        for (int i = 0; i < preallocate; i++) {
            free.add(create());
        }
        roll();
    }

    private Segment create() throws IOException {
        final Segment s = new Segment();
        s.channel = FileChannel.open(
                dir.resolve("segment-" + created++),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        final ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        for (int at = 0; at < SEGMENT; at += zeros.capacity()) {
            s.channel.write(zeros.clear(), at);
        }
        s.channel.force(true);
        return s;
    }

    private void roll() throws IOException {
        current = free.isEmpty() ? create() : free.poll();
        current.used = 0;
        live.add(current);
    }

    private ByteBuffer room(final int bytes) {
        if (pending.remaining() < bytes) {
            final ByteBuffer bigger =
                    ByteBuffer.allocateDirect(Math.max(pending.capacity() * 2, pending.position() + bytes));
            bigger.put(pending.flip());
            pending = bigger;
        }
        return pending;
    }

    private void endRecord(final int at, final int type) {
        pending.putInt(at, pending.position() - at - 5).put(at + 4, (byte) type);
    }

    @Override
    public void persistLogEntries(final List<LogEntry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            final LogEntry e = entries.get(i);
            final ByteBuffer b = room(64 + (e.getOperation() instanceof byte[] c ? c.length : 64));
            final int at = b.position();
            b.putInt(0).put((byte) 0);
            MicroRaftCodec.putEntry(b, e);
            endRecord(at, 1);
            lastIndex = e.getIndex();
        }
    }

    @Override
    public void persistSnapshotChunk(final SnapshotChunk chunk) {
        final ByteBuffer b = room(512);
        final int at = b.position();
        b.putInt(0).put((byte) 0);
        MicroRaftCodec.putChunk(b, chunk);
        endRecord(at, 2);
    }

    private void longs(final int type, final long x, final long y) {
        final ByteBuffer b = room(32);
        final int at = b.position();
        b.putInt(0).put((byte) 0).putLong(x).putLong(y);
        endRecord(at, type);
    }

    @Override
    public void truncateLogEntriesFrom(final long index) {
        longs(3, index, 0);
    }

    @Override
    public void truncateLogEntriesUntil(final long index) {
        longs(4, index, 0);
        while (live.size() > 1 && live.peek().lastIndex <= index) {
            free.add(live.poll());
        }
    }

    @Override
    public void deleteSnapshotChunks(final long index, final int count) {
        longs(5, index, count);
    }

    @Override
    public void persistAndFlushLocalEndpoint(final RaftEndpointPersistentState s) throws IOException {
        longs(6, ((MicroRaftEndpoint) s.getLocalEndpoint()).id(), s.isVoting() ? 1 : 0);
        flush();
    }

    @Override
    public void persistAndFlushInitialGroupMembers(final RaftGroupMembersView view) throws IOException {
        final ByteBuffer b = room(1024);
        final int at = b.position();
        b.putInt(0).put((byte) 0);
        MicroRaftCodec.putView(b, view);
        endRecord(at, 7);
        flush();
    }

    @Override
    public void persistAndFlushTerm(final RaftTermPersistentState s) throws IOException {
        longs(8, s.getTerm(), s.getVotedFor() == null ? -1 : ((MicroRaftEndpoint) s.getVotedFor()).id());
        flush();
    }

    @Override
    public void flush() throws IOException {
        if (pending.position() == 0) {
            return;
        }
        pending.flip();
        if (current.used + pending.remaining() > SEGMENT) {
            roll();
        }
        while (pending.hasRemaining()) {
            current.used += current.channel.write(pending, current.used);
        }
        current.channel.force(false);
        current.lastIndex = lastIndex;
        pending.clear();
    }
}
