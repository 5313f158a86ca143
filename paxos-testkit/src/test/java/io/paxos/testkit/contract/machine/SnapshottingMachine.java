package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.Snapshotting;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/**
 * A small state machine that keeps the contract of snapshots too. Each slice is one entry of the map, so that commands
 * come between the slices. It counts its commands besides, and each query is answered with the count.
 */
class SnapshottingMachine extends MapMachine implements Snapshotting {
    int commands;

    @Override
    public void apply(final Command command, final Reply reply) {
        super.apply(command, reply);
        commands++;
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        if (length == 1) {
            reply.put(new byte[] {map.getOrDefault(query.getByte(offset), (byte) 0), (byte) commands});
        }
    }

    @Override
    public SnapshotWriter writeSnapshot() {
        return new Writer(new TreeMap<>(map), commands);
    }

    @Override
    public void readSnapshot(final SnapshotSource source) {
        map.clear();
        commands = source.readInt();
        readMap(source);
    }

    final void readMap(final SnapshotSource source) {
        final int size = source.readInt();
        for (int i = 0; i < size; i++) {
            final byte key = (byte) source.readInt();
            map.put(key, (byte) source.readInt());
        }
    }

    /** Writes what it is given, which nobody changes. */
    static class Writer implements SnapshotWriter {
        private final Map<Byte, Byte> entries;
        private final Iterator<Map.Entry<Byte, Byte>> left;
        private final int commands;
        private boolean hasBegun;

        Writer(final Map<Byte, Byte> entries, final int commands) {
            this.entries = entries;
            this.commands = commands;
            left = entries.entrySet().iterator();
        }

        @Override
        public boolean writeSlice(final SnapshotSink sink) {
            if (!hasBegun) {
                hasBegun = true;
                sink.writeInt(commands);
                sink.writeInt(entries.size());
            } else {
                final Map.Entry<Byte, Byte> entry = left.next();
                sink.writeInt(entry.getKey());
                sink.writeInt(entry.getValue());
            }
            return left.hasNext();
        }
    }
}
