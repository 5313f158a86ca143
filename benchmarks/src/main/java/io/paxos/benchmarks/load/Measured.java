package io.paxos.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * What a client saw.
 *
 * @param writes latencies of commands within the window, in nanoseconds
 * @param reads latencies of reads within the window, in nanoseconds
 * @param elapsedNs how long the window was in the end
 * @param commands submitted and chosen, from the very start
 * @param failed operations whose outcome was not good, from the very start
 * @param timeline how many operations were done in each {@code bucketNs} since the start, warm-up included
 * @param bucketNs width of a bucket
 * @param windowStartNs when the window began, since the start
 */
record Measured(
        Histogram writes,
        Histogram reads,
        long elapsedNs,
        long commands,
        long failed,
        long[] timeline,
        long bucketNs,
        long windowStartNs) {
    long operations() {
        return writes.getTotalCount() + reads.getTotalCount();
    }

    double perSecond() {
        return operations() * 1e9 / elapsedNs;
    }
}
