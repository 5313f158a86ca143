package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class KvSnapshotTest {
    private static final int LARGE = 20 << 10; // bytes of a value, so that a slice holds four
    private static final int KEYS = 40;
    private static final byte[] NO_FLAGS = {0};

    /** What a random test does next. */
    private record Step(Kind kind, int key, int number) {
        enum Kind {
            SET,
            APPEND,
            INCREMENT,
            DELETE,
            GET_AND_DELETE,
            SET_TWO,
            FLUSH,
            SLICE
        }
    }

    private final Machine machine = new Machine();

    /** The model of a snapshot is a copy of all keys and values at its beginning. */
    @Property(tries = 3_000)
    void a_snapshot_holds_the_state_of_its_beginning_whatever_is_executed_between_its_slices(
            @ForAll("steps") final List<Step> before, @ForAll("steps") final List<Step> meanwhile) {
        final Machine one = new Machine();
        before.forEach(step -> execute(one, step));
        final Map<Integer, String> state = state(one);

        final SnapshotBytes bytes = new SnapshotBytes();
        final byte[] snapshot = written(one, meanwhile, bytes);

        assertThat(state(restored(snapshot))).isEqualTo(state);
        final Machine twin = new Machine();
        before.forEach(step -> execute(twin, step));
        assertThat(snapshot).as("equal states give equal bytes").isEqualTo(snapshot(twin));
        meanwhile.forEach(step -> execute(twin, step));
        assertThat(state(one))
                .as("the store itself goes on as without a snapshot")
                .isEqualTo(state(twin));
    }

    @Property
    void a_second_snapshot_is_whole_too_after_one_that_was_written_or_given_up(
            @ForAll("steps") final List<Step> before,
            @ForAll("steps") final List<Step> meanwhile,
            @ForAll("steps") final List<Step> later,
            @ForAll final boolean isGivenUp) {
        final Machine one = new Machine();
        before.forEach(step -> execute(one, step));
        if (isGivenUp) {
            final SnapshotWriter writer = one.writeSnapshot();
            writer.writeSlice(new SnapshotBytes());
            meanwhile.forEach(step -> execute(one, step));
            writer.close();
        } else {
            final byte[] unused = written(one, meanwhile, new SnapshotBytes());
        }
        final Map<Integer, String> state = state(one);

        assertThat(state(restored(written(one, later, new SnapshotBytes())))).isEqualTo(state);
    }

    @Property
    void reading_replaces_whatever_was_there(
            @ForAll("steps") final List<Step> before, @ForAll("steps") final List<Step> other) {
        final Machine one = new Machine();
        before.forEach(step -> execute(one, step));
        final Machine another = new Machine();
        other.forEach(step -> execute(another, step));

        another.readSnapshot(snapshot(one));

        assertThat(state(another)).isEqualTo(state(one));
    }

    /** The source knows of damaged bytes by their checksums. This is about bytes of something else. */
    @Property
    void altered_bytes_are_refused_or_are_another_state_and_never_end_in_another_exception(
            @ForAll("steps") final List<Step> before, @ForAll final int at, @ForAll final byte value) {
        final Machine one = new Machine();
        before.forEach(step -> execute(one, step));
        final byte[] bytes = snapshot(one);
        bytes[Math.floorMod(at, bytes.length)] = value;
        final Machine another = new Machine();
        set(another, "kept", 1);
        final Map<Integer, String> kept = state(another);

        try {
            another.readSnapshot(bytes);
        } catch (final IllegalArgumentException e) {
            assertThat(e).hasMessageMatching("this is not a snapshot of the key-value store: .+");
            assertThat(state(another)).isEqualTo(kept);
        } catch (final IllegalStateException e) {
            assertThat(e).hasMessage("the snapshot ends too early");
            assertThat(state(another)).isEqualTo(kept);
        }
    }

    @Example
    void each_kind_of_wrong_bytes_is_refused_with_one_line() {
        set(machine, "a", 1);
        set(machine, "b", 1);
        final byte[] good = snapshot(machine);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> machine.readSnapshot(new byte[100]))
                .withMessage("this is not a snapshot of the key-value store: the first 8 bytes are others");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> machine.readSnapshot(altered(good, 15, -1)))
                .withMessageContaining("keys")
                .withMessageNotContaining("\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> machine.readSnapshot(altered(good, 8, 1)))
                .withMessageEndingWith("it goes on after its 1 keys");
        assertThatIllegalStateException()
                .isThrownBy(() -> machine.readSnapshot(Arrays.copyOf(good, good.length - 1)))
                .withMessage("the snapshot ends too early");
        final int second = 16 + 4 + 1 + 4 + 1; // header, key and value of the first entry
        assertThatIllegalArgumentException()
                .isThrownBy(() -> machine.readSnapshot(altered(good, second + 4, good[16 + 4])))
                .withMessageEndingWith("key 2 of 2 is out of order");
    }

    @Example
    void one_snapshot_is_written_at_a_time() {
        final SnapshotWriter writer = machine.writeSnapshot();

        assertThatThrownBy(machine::writeSnapshot).isInstanceOf(IllegalStateException.class);
        writer.close();

        machine.writeSnapshot().close();
    }

    @Example
    void a_snapshot_of_100000_keys_is_written_in_bounded_slices_while_each_key_is_changed_twice() {
        final int keys = 100_000;
        for (int i = 0; i < keys; i++) {
            set(machine, "k" + i, 10 + i % 100);
        }
        final byte[] expected = snapshot(machine);
        final SnapshotWriter writer = machine.writeSnapshot();
        final SnapshotBytes bytes = new SnapshotBytes();
        int changes = 0;
        int slices = 1;
        while (bytes.writeSlice(writer)) {
            assertThat(bytes.sliceBytes()).isLessThan(SnapshotSink.SLICE_BYTES + 200);
            for (int i = 0; i < 2_000; i++) {
                set(machine, "k" + changes % keys, 120);
                set(machine, "new" + changes++, 120);
            }
            slices++;
        }
        writer.close();

        assertThat(bytes.bytes()).isEqualTo(expected);
        assertThat(slices).isLessThan(400);
        final Machine restored = restored(expected);
        assertThat(query(restored, KvOperation.of(Op.DBSIZE))).isEqualTo("100000");
        assertThat(snapshot(restored)).isEqualTo(expected);
    }

    @Example
    void a_slice_exceeds_its_size_by_less_than_one_entry_and_flushed_keys_are_written() {
        for (int i = 0; i < 10; i++) {
            set(machine, "k" + i, 60_000);
        }
        final byte[] expected = snapshot(machine);
        final SnapshotWriter writer = machine.writeSnapshot();
        final SnapshotBytes bytes = new SnapshotBytes();
        assertThat(bytes.writeSlice(writer)).isTrue();
        apply(machine, KvOperation.of(Op.FLUSHALL));
        set(machine, "k1", 5);
        while (bytes.writeSlice(writer)) {
            assertThat(bytes.sliceBytes()).isLessThan(SnapshotSink.SLICE_BYTES + 60_010);
        }
        writer.close();

        assertThat(bytes.bytes()).isEqualTo(expected);
        assertThat(query(machine, KvOperation.of(Op.DBSIZE))).isEqualTo("1");
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        final Arbitrary<Step.Kind> kinds = Arbitraries.frequency(
                Tuple.of(8, Step.Kind.SET),
                Tuple.of(3, Step.Kind.APPEND),
                Tuple.of(3, Step.Kind.INCREMENT),
                Tuple.of(3, Step.Kind.DELETE),
                Tuple.of(2, Step.Kind.GET_AND_DELETE),
                Tuple.of(2, Step.Kind.SET_TWO),
                Tuple.of(1, Step.Kind.FLUSH),
                Tuple.of(6, Step.Kind.SLICE));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, KEYS - 1),
                        Arbitraries.integers().between(0, 100))
                .as(Step::new)
                .list()
                .ofMaxSize(80);
    }

    /** A snapshot that is begun now, while these steps are executed. */
    private static byte[] written(final Machine machine, final List<Step> meanwhile, final SnapshotBytes bytes) {
        final SnapshotWriter writer = machine.writeSnapshot();
        boolean hasMore = true;
        for (final Step step : meanwhile) {
            if (step.kind() != Step.Kind.SLICE) {
                execute(machine, step);
            } else if (hasMore) {
                hasMore = bytes.writeSlice(writer);
                assertThat(bytes.sliceBytes()).isLessThan(SnapshotSink.SLICE_BYTES + 8 * LARGE);
            }
        }
        if (hasMore) {
            return bytes.finish(writer);
        }
        writer.close();
        return bytes.bytes();
    }

    private static void execute(final Machine machine, final Step step) {
        final byte[] key = {(byte) step.key()};
        final byte[] other = {(byte) ((step.key() + step.number()) % KEYS)};
        final byte[] value = new byte[step.number() % 5 == 0 ? LARGE : step.number() % 2];
        Arrays.fill(value, (byte) step.number());
        switch (step.kind()) {
            case SET -> apply(machine, KvOperation.of(Op.SET, key, value, NO_FLAGS));
            case APPEND -> apply(machine, KvOperation.of(Op.APPEND, key, value));
            case INCREMENT -> apply(machine, KvOperation.of(Op.INCRBY, key, KvOperation.bytes(step.number())));
            case DELETE -> apply(machine, KvOperation.of(Op.DEL, key, other));
            case GET_AND_DELETE -> apply(machine, KvOperation.of(Op.GETDEL, key));
            case SET_TWO -> apply(machine, KvOperation.of(Op.MSET, key, value, other, value));
            case FLUSH -> apply(machine, KvOperation.of(Op.FLUSHALL));
            case SLICE -> {}
        }
    }

    private static void set(final Machine machine, final String key, final int length) {
        apply(machine, KvOperation.of(Op.SET, key.getBytes(StandardCharsets.UTF_8), new byte[length], NO_FLAGS));
    }

    private static void apply(final Machine machine, final KvOperation operation) {
        final byte[] unused = machine.apply(KvCodec.encode(List.of(operation)));
    }

    private static String query(final Machine machine, final KvOperation operation) {
        return Machine.text(new ReplyReader(machine.query(KvCodec.encode(List.of(operation)))).next());
    }

    /** What each key of {@link #steps} has, and how many keys there are. */
    private static Map<Integer, String> state(final Machine machine) {
        final Map<Integer, String> state = new HashMap<>();
        state.put(-1, query(machine, KvOperation.of(Op.DBSIZE)));
        for (int i = 0; i < KEYS; i++) {
            final byte[] reply = machine.query(KvCodec.encode(List.of(KvOperation.of(Op.GET, new byte[] {(byte) i}))));
            state.put(i, reply.length + " bytes, hash " + Arrays.hashCode(reply));
        }
        return state;
    }

    private static byte[] snapshot(final Machine machine) {
        return new SnapshotBytes().finish(machine.writeSnapshot());
    }

    private static Machine restored(final byte[] snapshot) {
        final Machine restored = new Machine();
        restored.readSnapshot(snapshot);
        return restored;
    }

    private static byte[] altered(final byte[] bytes, final int at, final int value) {
        final byte[] altered = bytes.clone();
        altered[at] = (byte) value;
        return altered;
    }
}
