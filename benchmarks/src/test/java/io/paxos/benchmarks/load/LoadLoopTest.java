package io.paxos.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

final class LoadLoopTest {
    private static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Keeps what it gets, and answers when it is polled. */
    private static final class Cluster implements Target, LoadLoop.Watcher {
        private final Deque<Long> waiting = new ArrayDeque<>();
        private final List<Long> commands = new ArrayList<>();
        private final List<Long> reads = new ArrayList<>();
        private LoadLoop loop;
        private int mostWaiting;
        private int refusals;
        private boolean isSilent;

        @Override
        public boolean submit(final DirectBuffer command, final int offset, final int length) {
            if (refusals > 0) {
                refusals--;
                return false;
            }
            final long sequence = command.getLong(offset, ByteOrder.LITTLE_ENDIAN);
            commands.add(sequence);
            return take(sequence);
        }

        @Override
        public boolean read(final long sequence) {
            reads.add(sequence);
            return take(sequence);
        }

        private boolean take(final long sequence) {
            waiting.add(sequence);
            mostWaiting = Math.max(mostWaiting, waiting.size());
            return true;
        }

        @Override
        public int poll() {
            if (waiting.isEmpty() || isSilent) {
                return 0;
            }
            loop.chosen(waiting.removeLast(), 1); // in another order than they came
            return 1;
        }

        @Override
        public void opens() {}

        @Override
        public void closes() {
            isSilent = false;
        }
    }

    private final Cluster cluster = new Cluster();

    private Measured run(final LoadSpec load) {
        cluster.loop = new LoadLoop(cluster, load, cluster);
        return cluster.loop.run();
    }

    @Test
    void a_closed_loop_never_has_more_in_flight_than_it_may_and_gets_every_reply() {
        final Measured measured = run(new LoadSpec(8, 7, 0, 0, 0, WINDOW_NS));
        assertThat(cluster.mostWaiting).isEqualTo(7);
        assertThat(cluster.waiting).isEmpty();
        assertThat(measured.commands()).isEqualTo(cluster.commands.size());
        assertThat(cluster.commands).doesNotHaveDuplicates();
    }

    @Test
    void a_refused_command_is_sent_again_and_keeps_its_number() {
        cluster.refusals = 3;
        run(new LoadSpec(8, 1, 1000, 0, 0, WINDOW_NS));
        assertThat(cluster.refusals).isZero();
        assertThat(cluster.commands.get(0)).isEqualTo(1);
    }

    @Test
    void reads_have_their_share_and_are_spread_evenly() {
        final Measured measured = run(new LoadSpec(8, 1, 0, 25, 0, WINDOW_NS));
        assertThat(cluster.reads).startsWith(4L, 8L, 12L);
        assertThat(measured.commands()).isEqualTo(cluster.commands.size());
        assertThat(measured.reads().getTotalCount()).isPositive();
    }

    @Test
    void what_was_due_while_the_cluster_was_silent_counts_as_late() {
        cluster.isSilent = true; // until the window closes
        final Measured measured = run(new LoadSpec(8, 1, 1000, 0, 0, 2 * WINDOW_NS));
        // One every millisecond, and all are sent; those due in the first half waited for all of the second.
        assertThat(measured.done()).isZero();
        assertThat(measured.writes().getTotalCount()).isBetween(99L, 101L);
        assertThat(measured.writes().getCountBetweenValues(WINDOW_NS, Long.MAX_VALUE))
                .isGreaterThanOrEqualTo(49);
    }

    @Test
    void a_result_survives_its_way_to_another_process() {
        final Measured measured = run(new LoadSpec(8, 7, 0, 25, 0, WINDOW_NS));
        assertThat(measured.clientCpuNs()).isPositive();
        final Measured read = Measured.of(measured.line());
        assertThat(read.writes()).isEqualTo(measured.writes());
        assertThat(read.reads()).isEqualTo(measured.reads());
        assertThat(read.timeline()).isEqualTo(measured.timeline());
        assertThat(read.line()).isEqualTo(measured.line());
    }

    @Test
    void replicas_that_hold_different_things_are_not_taken_for_equal() {
        final Measured measured = run(new LoadSpec(8, 1, 0, 0, 0, WINDOW_NS));
        final long count = measured.commands();
        final var one = new Library.Holding(1, count, 17);
        assertThat(Run.agree(List.of(one, new Library.Holding(2, count, 17)), measured))
                .isTrue();
        assertThat(Run.agree(List.of(one, new Library.Holding(2, count, 18)), measured))
                .isFalse();
        assertThat(Run.agree(List.of(one, new Library.Holding(2, count - 1, 17)), measured))
                .isFalse();
        final var lost = new Library.Holding(1, count - 1, 17);
        assertThat(Run.agree(List.of(lost, lost), measured)).isFalse();
    }

    @Test
    void a_command_too_short_for_its_number_is_refused() {
        assertThatThrownBy(() -> new LoadSpec(7, 1, 0, 0, 0, 1)).isInstanceOf(Misuse.class);
    }

    @Test
    void a_run_in_which_no_operation_succeeded_is_no_result() {
        final Measured good = run(new LoadSpec(8, 1, 0, 0, 0, WINDOW_NS));
        Run.requireResults(good);
        final Measured empty =
                new Measured(new Histogram(3), new Histogram(3), WINDOW_NS, 7, 0, 7, new long[1], 1, 0, 0);
        assertThatThrownBy(() -> Run.requireResults(empty))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("7 failed");
    }
}
