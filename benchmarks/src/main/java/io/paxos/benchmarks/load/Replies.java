package io.paxos.benchmarks.load;

/** Receives the outcome of each command and read, once. Any thread may call it; it never blocks. */
public interface Replies {
    /** The operation was executed; {@code count} is the counter's reply. */
    void chosen(long sequence, long count);

    /** The operation was not executed, or it is unknown whether it was. */
    void failed(long sequence);
}
