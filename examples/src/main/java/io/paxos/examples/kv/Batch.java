package io.paxos.examples.kv;

import io.paxos.Read;
import java.util.ArrayList;
import java.util.List;

/** A run of writes, or of reads of one freshness, that travel together. */
final class Batch {
    /** A command on its way is in buffers of the log and of the replica, which grow with it. */
    private static final int ENGINE_COPIES = 2;

    private final Read read; // null: writes
    private final long replyBytesMax;
    private final List<KvOperation> operations = new ArrayList<>();
    private long bytes;
    private long replyBytes;
    private int taken;

    private Batch(final Read read, final long replyBytesMax) {
        this.read = read;
        this.replyBytesMax = replyBytesMax;
    }

    static Batch ofWrites() {
        return new Batch(null, KvLimits.WRITE_REPLY_BYTES_MAX);
    }

    /** {@code replyBytesMax} is what the replies to a query may have. */
    static Batch ofReads(final Read read, final long replyBytesMax) {
        return new Batch(read, replyBytesMax);
    }

    /** Adds what the action asks for, or nothing and answers false. {@code taken} is of the clients' memory. */
    boolean add(final Action action, final int takenByRequest) {
        final KvOperation next = operation(action);
        if (next == null || !fits(next)) {
            return false;
        }
        operations.add(next);
        bytes += KvCodec.size(next);
        replyBytes = Math.min(replyBytesMax, replyBytes + replyBytesMax(next));
        taken += takenByRequest;
        return true;
    }

    private KvOperation operation(final Action action) {
        if (action instanceof Action.Write write) {
            return read == null ? write.operation() : null;
        }
        return action instanceof Action.Query query && query.read() == read ? query.operation() : null;
    }

    private boolean fits(final KvOperation next) {
        return operations.isEmpty()
                || (operations.size() < KvLimits.BATCH_OPERATIONS_MAX
                        && bytes + KvCodec.size(next) <= KvLimits.BATCH_BYTES_MAX
                        && replyBytes + replyBytesMax(next) <= replyBytesMax);
    }

    /** The most that the reply can take. So no operation is refused because of others in the same batch. */
    private static long replyBytesMax(final KvOperation operation) {
        final long value = KvLimits.ARGUMENT_BYTES_MAX + ReplyWriter.HEADER_BYTES_MAX;
        return switch (operation.op()) {
            case MGET -> ReplyWriter.HEADER_BYTES_MAX + operation.arguments().size() * value;
            case SCAN -> 2L * KvLimits.SCAN_BYTES_MAX;
            case GET, GETDEL -> value;
            case SET -> SetFlags.has(operation.argument(2)[0], SetFlags.GET) ? value : ReplyWriter.HEADER_BYTES_MAX;
            default -> ReplyWriter.HEADER_BYTES_MAX;
        };
    }

    Read read() {
        return read;
    }

    int count() {
        return operations.size();
    }

    byte[] encoded() {
        return KvCodec.encode(operations);
    }

    /** The most memory that it can take beside its requests: all replies, and the copies of a command. */
    long memoryBytes() {
        return replyBytes + (read == null ? ENGINE_COPIES * bytes : 0);
    }

    /** Of the clients' memory, by the requests. */
    int taken() {
        return taken;
    }

    /** What the client is told when there is no memory for the replies. */
    String refusal() {
        return Answers.NO_MEMORY + (read == null ? "not executed" : "not read")
                + ": clients hold all the memory that is for replies; ask for less, or try again";
    }
}
