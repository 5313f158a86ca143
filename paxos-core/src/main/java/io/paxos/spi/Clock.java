package io.paxos.spi;

/** The one source of time, so that a simulator can be another. */
public interface Clock {
    /** Monotonic nanoseconds with an arbitrary origin. */
    long nanoTime();

    /** Milliseconds since 1970 as far as this machine knows; may jump. Never used for safety. */
    long epochMillis();

    /** The clock of this machine. */
    Clock SYSTEM = new Clock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }
    };
}
