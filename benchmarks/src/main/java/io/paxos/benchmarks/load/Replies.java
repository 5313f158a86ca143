package io.paxos.benchmarks.load;

/** Takes the outcome of each command and read, once. Any thread; never blocks. */
public interface Replies {
    /** Executed; {@code count} is what the counter said. */
    void chosen(long sequence, long count);

    /** Nobody knows whether it was executed, or it surely was not. */
    void failed(long sequence);
}
