package io.paxos.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * What a client measured.
 *
 * @param writes latencies of commands that were due within the window, in nanoseconds
 * @param reads latencies of reads that were due within the window, in nanoseconds
 * @param elapsedNs how long the window really was
 * @param done operations that were answered within the window
 * @param commands that were chosen, warm-up included
 * @param failed operations whose outcome was not good, warm-up included
 * @param timeline how many operations were answered in each {@code bucketNs} since the start, warm-up included
 * @param bucketNs width of a bucket
 * @param windowStartNs when the window began, since the start
 * @param clientCpuNs processor time of the client's thread within the window
 */
record Measured(
        Histogram writes,
        Histogram reads,
        long elapsedNs,
        long done,
        long commands,
        long failed,
        long[] timeline,
        long bucketNs,
        long windowStartNs,
        long clientCpuNs) {
    /** The words on one line that {@link #of} reads. */
    String line() {
        return elapsedNs + " " + done + " " + commands + " " + failed + " " + bucketNs + " " + windowStartNs + " "
                + clientCpuNs + " "
                + encode(writes)
                + " "
                + encode(reads) + " "
                + Arrays.stream(timeline).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    static Measured of(final String line) {
        final String[] words = line.split(" ", -1);
        return new Measured(
                decode(words[7]),
                decode(words[8]),
                Long.parseLong(words[0]),
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                Arrays.stream(words[9].split("[\\[,\\]]", -1))
                        .filter(word -> !word.isEmpty())
                        .mapToLong(Long::parseLong)
                        .toArray(),
                Long.parseLong(words[4]),
                Long.parseLong(words[5]),
                Long.parseLong(words[6]));
    }

    private static String encode(final Histogram histogram) {
        final ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        final int length = histogram.encodeIntoByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    private static Histogram decode(final String word) {
        return Histogram.decodeFromByteBuffer(
                ByteBuffer.wrap(Base64.getDecoder().decode(word)), 0);
    }

    /** Answered operations per second of the window. */
    double perSecond() {
        return done * 1e9 / elapsedNs;
    }
}
