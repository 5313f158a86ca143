package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ServeListenerTest {
    private final StringWriter out = new StringWriter();
    private final CompletableFuture<Throwable> fault = new CompletableFuture<>();
    private final ServeListener listener = new ServeListener(2, new PrintWriter(out, true), fault);

    @Test
    void a_replay_is_a_line_for_each_time_it_is_told_but_the_first_and_the_last_line_says_how_long_it_took() {
        listener.onReplay(0, 500_000, 0);
        listener.onReplay(120_000, 500_000, 1_000_000_000);
        listener.onReplay(500_000, 500_000, 4_160_000_000L);

        assertThat(out.toString().lines())
                .containsExactly(
                        "replica 2 replayed 120000 of 500000 slots", "replica 2 replayed 500000 slots in 4.2 s");
    }

    @Test
    void a_fault_completes_the_future_and_prints_nothing() {
        final Throwable cause = new IllegalStateException("planted");
        listener.onFault(cause);

        assertThat(fault).isCompletedWithValue(cause);
        assertThat(out.toString()).isEmpty();
    }
}
