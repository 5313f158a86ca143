package io.paxos.log.segment;

import java.nio.ByteBuffer;

/** Memory outside the heap. Its lack is a failure of the log in one line, not an {@link OutOfMemoryError}. */
public final class DirectMemory {
    private DirectMemory() {}

    /**
     * Allocates zeros.
     *
     * @param what what the memory is for; the message begins with it
     * @throws StorageException if the JVM allows no more direct memory
     */
    static ByteBuffer allocate(final int bytes, final String what) throws StorageException {
        try {
            return ByteBuffer.allocateDirect(bytes);
        } catch (OutOfMemoryError e) {
            throw exhausted(what + " needs " + bytes + " more bytes", e);
        }
    }

    /** Explains an {@link OutOfMemoryError}. The message names the flag that raises the bound. */
    public static StorageException exhausted(final String what, final OutOfMemoryError cause) {
        final String message = String.valueOf(cause.getMessage());
        final boolean isHeap = message.contains("heap space") || message.contains("GC overhead");
        final String told = isHeap
                ? "the heap is full (" + message + "): raise -Xmx"
                : "the direct memory that the JVM allows is used up (" + message + "): raise -XX:MaxDirectMemorySize,"
                        + " which is -Xmx unless given; a log takes 24 bytes for each slot that is not"
                        + " trimmed";
        return new StorageException(
                what + ", but " + told + ", then restart this replica; the log itself is intact", cause);
    }
}
