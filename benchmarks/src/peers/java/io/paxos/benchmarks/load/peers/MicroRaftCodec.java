package io.paxos.benchmarks.load.peers;

import io.microraft.RaftEndpoint;
import io.microraft.model.RaftModelFactory;
import io.microraft.model.log.LogEntry;
import io.microraft.model.log.RaftGroupMembersView;
import io.microraft.model.log.SnapshotChunk;
import io.microraft.model.message.AppendEntriesFailureResponse;
import io.microraft.model.message.AppendEntriesRequest;
import io.microraft.model.message.AppendEntriesSuccessResponse;
import io.microraft.model.message.InstallSnapshotRequest;
import io.microraft.model.message.InstallSnapshotResponse;
import io.microraft.model.message.PreVoteRequest;
import io.microraft.model.message.PreVoteResponse;
import io.microraft.model.message.RaftMessage;
import io.microraft.model.message.TriggerLeaderElectionRequest;
import io.microraft.model.message.VoteRequest;
import io.microraft.model.message.VoteResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Binary form of every message and log element MicroRaft hands to its transport and its store. */
final class MicroRaftCodec {
    static final Object GROUP = "load";
    static final Object NEW_TERM = "new-term";

    private final RaftModelFactory models;

    MicroRaftCodec(final RaftModelFactory models) {
        this.models = models;
    }

    /** The operations of this program: a command, the mark of a new term, a snapshot of the counter. */
    static void putOperation(final ByteBuffer b, final Object op) {
        if (op instanceof byte[] command) {
            b.put((byte) 1).putInt(command.length).put(command);
        } else if (op == NEW_TERM) {
            b.put((byte) 2);
        } else if (op instanceof long[] state) {
            b.put((byte) 3).putLong(state[0]).putLong(state[1]);
        } else {
            throw new IllegalArgumentException("no binary form for " + op);
        }
    }

    static Object operation(final ByteBuffer b) {
        switch (b.get()) {
            case 1 -> {
                final byte[] command = new byte[b.getInt()];
                b.get(command);
                return command;
            }
            case 2 -> {
                return NEW_TERM;
            }
            case 3 -> {
                return new long[] {b.getLong(), b.getLong()};
            }
            default -> throw new IllegalArgumentException("bad operation");
        }
    }

    static void putEntry(final ByteBuffer b, final LogEntry e) {
        b.putLong(e.getIndex()).putInt(e.getTerm());
        putOperation(b, e.getOperation());
    }

    LogEntry entry(final ByteBuffer b) {
        return models.createLogEntryBuilder()
                .setIndex(b.getLong())
                .setTerm(b.getInt())
                .setOperation(operation(b))
                .build();
    }

    static void putEndpoints(final ByteBuffer b, final Collection<RaftEndpoint> endpoints) {
        b.putInt(endpoints.size());
        for (final RaftEndpoint e : endpoints) {
            b.putInt(((MicroRaftEndpoint) e).id());
        }
    }

    static List<RaftEndpoint> endpoints(final ByteBuffer b) {
        final int n = b.getInt();
        final List<RaftEndpoint> list = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            list.add(new MicroRaftEndpoint(b.getInt()));
        }
        return list;
    }

    static void putView(final ByteBuffer b, final RaftGroupMembersView v) {
        b.putLong(v.getLogIndex());
        putEndpoints(b, v.getMembers());
        putEndpoints(b, v.getVotingMembers());
    }

    RaftGroupMembersView view(final ByteBuffer b) {
        return models.createRaftGroupMembersViewBuilder()
                .setLogIndex(b.getLong())
                .setMembers(endpoints(b))
                .setVotingMembers(endpoints(b))
                .build();
    }

    static void putChunk(final ByteBuffer b, final SnapshotChunk c) {
        b.putLong(c.getIndex())
                .putInt(c.getTerm())
                .putInt(c.getSnapshotChunkIndex())
                .putInt(c.getSnapshotChunkCount());
        putOperation(b, c.getOperation());
        putView(b, c.getGroupMembersView());
    }

    SnapshotChunk chunk(final ByteBuffer b) {
        return models.createSnapshotChunkBuilder()
                .setIndex(b.getLong())
                .setTerm(b.getInt())
                .setSnapshotChunkIndex(b.getInt())
                .setSnapshotChunkCount(b.getInt())
                .setOperation(operation(b))
                .setGroupMembersView(view(b))
                .build();
    }

    /** An upper bound of what {@link #putMessage} will write, so that the caller can make room first. */
    static int bound(final RaftMessage m) {
        if (m instanceof AppendEntriesRequest r) {
            int n = 128;
            for (final LogEntry e : r.getLogEntries()) {
                n += 32 + (e.getOperation() instanceof byte[] c ? c.length : 32);
            }
            return n;
        }
        return 1024;
    }

    static void putMessage(final ByteBuffer b, final RaftMessage message) {
        final int at = b.position();
        b.putInt(0)
                .put((byte) 0)
                .putInt(((MicroRaftEndpoint) message.getSender()).id())
                .putInt(message.getTerm());
        final int type;
        if (message instanceof AppendEntriesRequest m) {
            type = 1;
            b.putInt(m.getPreviousLogTerm())
                    .putLong(m.getPreviousLogIndex())
                    .putLong(m.getCommitIndex())
                    .putLong(m.getQuerySequenceNumber())
                    .putLong(m.getFlowControlSequenceNumber());
            final List<LogEntry> entries = m.getLogEntries();
            b.putInt(entries.size());
            for (int i = 0; i < entries.size(); i++) {
                putEntry(b, entries.get(i));
            }
        } else if (message instanceof AppendEntriesSuccessResponse m) {
            type = 2;
            b.putLong(m.getLastLogIndex())
                    .putLong(m.getQuerySequenceNumber())
                    .putLong(m.getFlowControlSequenceNumber());
        } else if (message instanceof AppendEntriesFailureResponse m) {
            type = 3;
            b.putLong(m.getExpectedNextIndex())
                    .putLong(m.getQuerySequenceNumber())
                    .putLong(m.getFlowControlSequenceNumber());
        } else if (message instanceof PreVoteRequest m) {
            type = 4;
            b.putInt(m.getLastLogTerm()).putLong(m.getLastLogIndex());
        } else if (message instanceof PreVoteResponse m) {
            type = 5;
            b.put((byte) (m.isGranted() ? 1 : 0));
        } else if (message instanceof VoteRequest m) {
            type = 6;
            b.putInt(m.getLastLogTerm()).putLong(m.getLastLogIndex()).put((byte) (m.isSticky() ? 1 : 0));
        } else if (message instanceof VoteResponse m) {
            type = 7;
            b.put((byte) (m.isGranted() ? 1 : 0));
        } else if (message instanceof TriggerLeaderElectionRequest m) {
            type = 8;
            b.putInt(m.getLastLogTerm()).putLong(m.getLastLogIndex());
        } else if (message instanceof InstallSnapshotRequest m) {
            type = 9;
            b.put((byte) (m.isSenderLeader() ? 1 : 0))
                    .putInt(m.getSnapshotTerm())
                    .putLong(m.getSnapshotIndex())
                    .putInt(m.getTotalSnapshotChunkCount())
                    .putLong(m.getQuerySequenceNumber())
                    .putLong(m.getFlowControlSequenceNumber());
            putEndpoints(b, m.getSnapshottedMembers());
            putView(b, m.getGroupMembersView());
            b.put((byte) (m.getSnapshotChunk() == null ? 0 : 1));
            if (m.getSnapshotChunk() != null) {
                putChunk(b, m.getSnapshotChunk());
            }
        } else if (message instanceof InstallSnapshotResponse m) {
            type = 10;
            b.putLong(m.getSnapshotIndex())
                    .putInt(m.getRequestedSnapshotChunkIndex())
                    .putLong(m.getQuerySequenceNumber())
                    .putLong(m.getFlowControlSequenceNumber());
        } else {
            throw new IllegalArgumentException("unknown message " + message.getClass());
        }
        b.putInt(at, b.position() - at - 4).put(at + 4, (byte) type);
    }

    /** Reads one message whose length field has been consumed. */
    RaftMessage message(final ByteBuffer b) {
        final int type = b.get();
        final MicroRaftEndpoint sender = new MicroRaftEndpoint(b.getInt());
        final int term = b.getInt();
        switch (type) {
            case 1 -> {
                final var r = models.createAppendEntriesRequestBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setPreviousLogTerm(b.getInt())
                        .setPreviousLogIndex(b.getLong())
                        .setCommitIndex(b.getLong())
                        .setQuerySequenceNumber(b.getLong())
                        .setFlowControlSequenceNumber(b.getLong());
                final int n = b.getInt();
                final List<LogEntry> entries = new ArrayList<>(n);
                for (int i = 0; i < n; i++) {
                    entries.add(entry(b));
                }
                return r.setLogEntries(entries).build();
            }
            case 2 -> {
                return models.createAppendEntriesSuccessResponseBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setLastLogIndex(b.getLong())
                        .setQuerySequenceNumber(b.getLong())
                        .setFlowControlSequenceNumber(b.getLong())
                        .build();
            }
            case 3 -> {
                return models.createAppendEntriesFailureResponseBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setExpectedNextIndex(b.getLong())
                        .setQuerySequenceNumber(b.getLong())
                        .setFlowControlSequenceNumber(b.getLong())
                        .build();
            }
            case 4 -> {
                return models.createPreVoteRequestBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setLastLogTerm(b.getInt())
                        .setLastLogIndex(b.getLong())
                        .build();
            }
            case 5 -> {
                return models.createPreVoteResponseBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setGranted(b.get() != 0)
                        .build();
            }
            case 6 -> {
                return models.createVoteRequestBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setLastLogTerm(b.getInt())
                        .setLastLogIndex(b.getLong())
                        .setSticky(b.get() != 0)
                        .build();
            }
            case 7 -> {
                return models.createVoteResponseBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setGranted(b.get() != 0)
                        .build();
            }
            case 8 -> {
                return models.createTriggerLeaderElectionRequestBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setLastLogTerm(b.getInt())
                        .setLastLogIndex(b.getLong())
                        .build();
            }
            case 9 -> {
                final var r = models.createInstallSnapshotRequestBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setSenderLeader(b.get() != 0)
                        .setSnapshotTerm(b.getInt())
                        .setSnapshotIndex(b.getLong())
                        .setTotalSnapshotChunkCount(b.getInt())
                        .setQuerySequenceNumber(b.getLong())
                        .setFlowControlSequenceNumber(b.getLong())
                        .setSnapshottedMembers(endpoints(b))
                        .setGroupMembersView(view(b));
                return r.setSnapshotChunk(b.get() == 0 ? null : chunk(b)).build();
            }
            case 10 -> {
                return models.createInstallSnapshotResponseBuilder()
                        .setGroupId(GROUP)
                        .setSender(sender)
                        .setTerm(term)
                        .setSnapshotIndex(b.getLong())
                        .setRequestedSnapshotChunkIndex(b.getInt())
                        .setQuerySequenceNumber(b.getLong())
                        .setFlowControlSequenceNumber(b.getLong())
                        .build();
            }
            default -> throw new IllegalArgumentException("bad message type " + type);
        }
    }
}
