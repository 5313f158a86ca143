package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class OutOfMemoryTest {
    /** F35: whatever it is wrapped in, it ends the process. */
    @Test
    void is_known_as_the_cause_of_other_failures_too() {
        final Error error = new OutOfMemoryError("Java heap space");

        assertThat(OutOfMemory.isCause(error)).isTrue();
        assertThat(OutOfMemory.isCause(new CompletionException(new IllegalStateException(error))))
                .isTrue();
        assertThat(OutOfMemory.isCause(new AssertionError("x", new IllegalStateException("y"))))
                .isFalse();
        assertThat(OutOfMemory.isCause(null)).isFalse();
    }
}
