package io.paxos.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ExecutedCommandsProperties {
    private static final int WINDOW = ExecutedCommands.WINDOW;

    /** A command whose sequence lies so far from the highest one of its origin. */
    record Move(int origin, int newIncarnations, long distance) {}

    /** What the filter must answer, computed with sets of all commands ever executed. */
    private static final class Model {
        private final Map<Integer, Integer> incarnations = new HashMap<>();
        private final Map<Integer, Long> highest = new HashMap<>();
        private final Set<List<Long>> executed = new HashSet<>();

        long highest(final int origin) {
            return highest.getOrDefault(origin, 0L);
        }

        boolean isNew(final int origin, final int incarnation, final long sequence) {
            final int latest = incarnations.getOrDefault(origin, 0);
            if (incarnation < latest) {
                return false;
            }
            if (incarnation > latest) {
                incarnations.put(origin, incarnation);
                highest.put(origin, 0L);
            }
            final boolean isTooOld = sequence <= highest(origin) - WINDOW;
            highest.put(origin, Math.max(sequence, highest(origin)));
            return !isTooOld && executed.add(List.of((long) origin, (long) incarnation, sequence));
        }
    }

    @Property(tries = 300)
    void the_filter_says_what_a_set_of_all_executed_commands_says(@ForAll("moves") final List<Move> moves) {
        final ExecutedCommands filter = new ExecutedCommands();
        final Model model = new Model();
        for (final Move move : moves) {
            final int incarnation = Math.max(1, model.incarnations.getOrDefault(move.origin, 1) + move.newIncarnations);
            final long base = move.newIncarnations > 0 ? 0 : model.highest(move.origin);
            final long sequence = Math.max(1, base + move.distance);
            final boolean isNew = model.isNew(move.origin, incarnation, sequence);
            assertThat(filter.isExecuted(move.origin, incarnation, sequence)).isEqualTo(!isNew);
            assertThat(filter.isNew(move.origin, incarnation, sequence, 0)).isEqualTo(isNew);
            assertThat(filter.isExecuted(move.origin, incarnation, sequence)).isTrue();
        }
    }

    @Property(tries = 100)
    void what_is_written_and_read_again_answers_the_same(
            @ForAll("moves") final List<Move> before, @ForAll("moves") final List<Move> after) {
        final ExecutedCommands written = new ExecutedCommands();
        final ExecutedCommands read = new ExecutedCommands();
        before.forEach(move -> written.isNew(move.origin, 1, Math.max(1, move.distance + WINDOW), 0));
        read.isNew(9, 1, 1, 0); // forgotten by readFrom
        final byte[] bytes = bytes(written);
        read.readFrom(new UnsafeBuffer(bytes), 3, bytes.length - 3);
        assertThat(bytes(read)).isEqualTo(bytes);
        for (final Move move : after) {
            final long sequence = Math.max(1, move.distance + WINDOW);
            assertThat(read.isNew(move.origin, 1, sequence, 0)).isEqualTo(written.isNew(move.origin, 1, sequence, 0));
        }
        assertThat(read.isNew(9, 1, 1, 0)).isTrue();
    }

    @Test
    void the_order_of_execution_leaves_no_trace_in_the_bytes() {
        final ExecutedCommands up = new ExecutedCommands();
        final ExecutedCommands down = new ExecutedCommands();
        for (int i = 1; i <= 100; i++) {
            up.isNew(i % 5 + 1, 1, i, 0);
            down.isNew((101 - i) % 5 + 1, 1, 101 - i, 0);
        }
        assertThat(bytes(up)).isEqualTo(bytes(down));
    }

    @Property
    void other_bytes_are_refused_and_change_nothing(@ForAll @Size(max = 60) final byte[] bytes) {
        final ExecutedCommands filter = new ExecutedCommands();
        filter.isNew(1, 1, 1, 0);
        if (bytes.length == Integer.BYTES && new UnsafeBuffer(bytes).getInt(0) == 0) {
            return; // no origins
        }
        assertThatThrownBy(() -> filter.readFrom(new UnsafeBuffer(bytes), 0, bytes.length))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(filter.isExecuted(1, 1, 1)).isTrue();
    }

    /** The numbers of the example in the class comment. */
    @Test
    void a_jump_opens_the_window_and_what_was_skipped_is_still_new() {
        final ExecutedCommands filter = new ExecutedCommands();
        filter.isNew(1, 1, 7_233, 0);
        filter.isNew(1, 1, 40_000, 0);
        assertThat(filter.isExecuted(1, 1, 7_232)).isTrue();
        assertThat(filter.isExecuted(1, 1, 7_233)).isTrue();
        assertThat(filter.isExecuted(1, 1, 7_234)).isFalse();
        assertThat(filter.isNew(1, 1, 40_002, 0)).isTrue();
        assertThat(filter.isNew(1, 1, 40_001, 0)).isTrue();
        assertThat(filter.isNew(1, 1, 40_001, 0)).isFalse();
        assertThat(filter.isNew(1, 2, 1, 0)).isTrue();
        assertThat(filter.isNew(1, 1, 40_003, 0)).isFalse();
    }

    @Provide
    Arbitrary<List<Move>> moves() {
        final Arbitrary<Long> distance = Arbitraries.oneOf(
                Arbitraries.just(1L),
                Arbitraries.longs().between(-3, 3),
                Arbitraries.longs().between(-WINDOW - 2, -WINDOW + 2),
                Arbitraries.longs().between(WINDOW - 2, WINDOW + 2),
                Arbitraries.longs().between(-2L * WINDOW, 2L * WINDOW));
        return Combinators.combine(
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.frequency(Tuple.of(20, 0), Tuple.of(1, 1), Tuple.of(1, -1)),
                        distance)
                .as(Move::new)
                .list()
                .ofMaxSize(60);
    }

    /** Written behind three bytes of something else. */
    private static byte[] bytes(final ExecutedCommands filter) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[3 + filter.encodedLength()]);
        assertThat(filter.writeTo(buffer, 3)).isEqualTo(filter.encodedLength());
        return buffer.byteArray();
    }
}
