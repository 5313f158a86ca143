package io.paxos.benchmarks.load;

import io.paxos.log.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A replicated log, embedded: a cluster of replicas in this JVM, over loopback sockets, each with a {@link
 * CounterState}.
 *
 * <p>The client's thread calls every method. Commands go to the leader. Every command begins with its sequence number,
 * 8 bytes, little endian; its outcome goes to {@link Replies} under that number.
 */
public interface Library extends Target, AutoCloseable {
    /**
     * What to start.
     *
     * @param members ids, at least one
     * @param durability whether a reply waits for the disks of a majority
     * @param directory empty; only this library uses it
     * @param load what the client will send; some libraries choose their settings by it
     * @param keeping what replicas of ours keep; others ignore it
     */
    record Setup(List<Integer> members, Durability durability, Path directory, LoadSpec load, Keeping keeping) {}

    /**
     * What one replica holds.
     *
     * @param count of the commands that it has executed
     * @param checksum of these commands, in their order
     */
    record Holding(int member, long count, long checksum) {}

    /**
     * What all replicas together did so far; -1 where the library does not report it.
     *
     * @param bytesSent over sockets, between replicas
     * @param framesSent messages in them
     * @param forces of files to disk
     */
    record Traffic(long bytesSent, long framesSent, long forces) {
        /** Nothing is known. */
        public static final Traffic UNKNOWN = new Traffic(-1, -1, -1);

        /** Nothing was done yet. */
        static final Traffic NONE = new Traffic(0, 0, 0);

        Traffic plus(final Traffic other) {
            return new Traffic(bytesSent + other.bytesSent, framesSent + other.framesSent, forces + other.forces);
        }

        Traffic since(final Traffic before) {
            return new Traffic(bytesSent - before.bytesSent, framesSent - before.framesSent, forces - before.forces);
        }
    }

    /** The name of the library on the command line. */
    String name();

    /** The version and the settings that differ from its defaults; for people. */
    String settings();

    /** What a reply means with this durability; a clause for people. */
    String durabilityMeans(Durability durability);

    /** The arguments that the library's JVM needs or is faster with, beside those in the manifest of this tool. */
    List<String> jvmArguments();

    /** Starts all replicas, and returns when there is a leader. */
    void start(Setup setup, Replies replies) throws Exception;

    /** What each replica holds now. */
    List<Holding> holdings();

    /** What the replicas did since their start. */
    default Traffic traffic() {
        return Traffic.UNKNOWN;
    }

    @Override
    void close() throws IOException;
}
