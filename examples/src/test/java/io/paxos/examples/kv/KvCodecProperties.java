package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.agrona.concurrent.UnsafeBuffer;

class KvCodecProperties {
    private static final byte[] MALFORMED = {ReplyWriter.ERROR, KvError.MALFORMED.code()};

    @Property
    void any_bytes_get_a_reply_and_no_exception(@ForAll final byte[] bytes) {
        final Machine machine = new Machine();

        assertThat(machine.apply(bytes)).isNotEmpty();
        assertThat(machine.query(bytes)).isNotEmpty();
    }

    /** Well-formed commands with one fault. Random bytes are almost always refused at the first byte. */
    @Property
    void damaged_commands_get_a_reply_and_no_exception(
            @ForAll("batches") final List<KvOperation> batch, @ForAll final int at, @ForAll final byte value) {
        final byte[] bytes = KvCodec.encode(batch);
        bytes[Math.floorMod(at, bytes.length)] = value;
        final Machine machine = new Machine();

        assertThat(machine.apply(bytes)).isNotEmpty();
        assertThat(machine.query(bytes)).isNotEmpty();
    }

    @Property
    void a_part_of_a_command_is_malformed(@ForAll("batches") final List<KvOperation> batch, @ForAll final int cut) {
        final byte[] bytes = KvCodec.encode(batch);
        final byte[] part = Arrays.copyOf(bytes, Math.floorMod(cut, bytes.length));

        assertThat(new Machine().apply(part)).isEqualTo(MALFORMED);
    }

    @Property
    void commands_come_back_as_they_went(@ForAll("batches") final List<KvOperation> batch) {
        final byte[] bytes = KvCodec.encode(batch);

        final List<KvOperation> decoded = KvCodec.decode(new UnsafeBuffer(bytes), 0, bytes.length);

        assertThat(bytes.length)
                .isLessThanOrEqualTo(batch.stream().mapToInt(KvCodec::size).sum() + 6);
        assertThat(text(decoded)).isEqualTo(text(batch));
    }

    @Property
    void each_operation_has_one_reply(@ForAll("batches") final List<KvOperation> batch) {
        final ReplyReader replies = new ReplyReader(new Machine().apply(KvCodec.encode(batch)));

        for (int i = 0; i < batch.size(); i++) {
            assertThat(Machine.text(replies.next())).isNotEqualTo("-" + KvError.MALFORMED.text());
        }
        assertThat(Machine.text(replies.next())).isEqualTo("-" + KvError.MALFORMED.text());
    }

    @Provide
    Arbitrary<List<KvOperation>> batches() {
        return Arbitraries.of(Op.values())
                .flatMap(this::operations)
                .list()
                .ofMinSize(1)
                .ofMaxSize(8);
    }

    private Arbitrary<KvOperation> operations(final Op op) {
        final Arbitrary<byte[]> words = Arbitraries.of("", "a", "b", "7", "-3", "9223372036854775807", "*")
                .map(word -> word.getBytes(StandardCharsets.UTF_8));
        final Arbitrary<byte[]> numbers = Arbitraries.longs().map(KvOperation::bytes);
        final Arbitrary<byte[]> flags =
                Arbitraries.bytes().between((byte) 0, (byte) 15).map(b -> new byte[] {b});
        return Arbitraries.oneOf(words, words, numbers, flags)
                .list()
                .ofMaxSize(4)
                .map(arguments -> shaped(op, arguments))
                .filter(arguments -> KvOperation.flaw(op, arguments) == null)
                .map(arguments -> new KvOperation(op, arguments));
    }

    /** Makes well-formed numbers and flags likely. */
    private static List<byte[]> shaped(final Op op, final List<byte[]> arguments) {
        final List<byte[]> shaped = new ArrayList<>(arguments);
        if (op == Op.SCAN) {
            return List.of(
                    KvOperation.bytes(arguments.size()), new byte[] {'*'}, KvOperation.bytes(1 + arguments.size()));
        }
        if (op == Op.INCRBY) {
            return List.of(new byte[] {'a'}, KvOperation.bytes(arguments.size()));
        }
        if (op == Op.SET && shaped.size() > 2) {
            final int conditions = shaped.size() == 4 ? SetFlags.IFEQ : SetFlags.NX;
            shaped.set(2, new byte[] {(byte) (conditions | SetFlags.GET)});
        }
        while (!op.takes(shaped.size()) && !shaped.isEmpty()) {
            shaped.remove(shaped.size() - 1);
        }
        return shaped;
    }

    private static List<String> text(final List<KvOperation> operations) {
        return operations.stream()
                .map(operation -> operation.op()
                        + Arrays.deepToString(operation.arguments().toArray()))
                .toList();
    }
}
