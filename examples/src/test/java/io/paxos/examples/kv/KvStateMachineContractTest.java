package io.paxos.examples.kv;

import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.StateMachineContract;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** The store is deterministic, whatever it is sent. Few keys, so that operations meet. */
class KvStateMachineContractTest extends StateMachineContract {
    @Override
    protected StateMachine create() {
        return new KvStateMachine();
    }

    @Override
    protected Arbitrary<byte[]> commands() {
        return batches(Arbitraries.oneOf(
                set(),
                Combinators.combine(key(), Arbitraries.longs())
                        .as((key, delta) -> Operation.of(Op.INCRBY, key, Operation.bytes(delta))),
                Combinators.combine(key(), value()).as((key, tail) -> Operation.of(Op.APPEND, key, tail)),
                Combinators.combine(key(), value(), key(), value())
                        .as((key, value, other, otherValue) -> Operation.of(Op.MSET, key, value, other, otherValue)),
                key().list().ofMinSize(1).ofMaxSize(3).map(keys -> new Operation(Op.DEL, keys)),
                key().map(key -> Operation.of(Op.GETDEL, key)),
                Arbitraries.create(() -> Operation.of(Op.FLUSHALL)),
                read()));
    }

    @Override
    protected Arbitrary<byte[]> queries() {
        return batches(read());
    }

    private static Arbitrary<byte[]> batches(final Arbitrary<Operation> operations) {
        return operations.list().ofMinSize(1).ofMaxSize(3).map(KvCodec::encode);
    }

    private static Arbitrary<Operation> set() {
        final Arbitrary<Integer> conditions = Arbitraries.of(0, SetFlags.NX, SetFlags.XX, SetFlags.GET, SetFlags.IFEQ);
        return Combinators.combine(key(), value(), conditions, value())
                .as((key, value, flags, expected) -> flags == SetFlags.IFEQ
                        ? Operation.of(Op.SET, key, value, flag(flags), expected)
                        : Operation.of(Op.SET, key, value, flag(flags)));
    }

    private static Arbitrary<Operation> read() {
        final Arbitrary<List<byte[]>> keys = key().list().ofMinSize(1).ofMaxSize(3);
        return Arbitraries.oneOf(
                key().map(key -> Operation.of(Op.GET, key)),
                key().map(key -> Operation.of(Op.STRLEN, key)),
                keys.map(some -> new Operation(Op.MGET, some)),
                keys.map(some -> new Operation(Op.EXISTS, some)),
                Arbitraries.create(() -> Operation.of(Op.DBSIZE)),
                Arbitraries.longs()
                        .between(1, 4)
                        .map(count -> Operation.of(Op.SCAN, Operation.bytes(0), bytes("*"), Operation.bytes(count))));
    }

    private static byte[] flag(final int flags) {
        return new byte[] {(byte) flags};
    }

    private static Arbitrary<byte[]> key() {
        return Arbitraries.of("a", "b", "c", "").map(KvStateMachineContractTest::bytes);
    }

    private static Arbitrary<byte[]> value() {
        return Arbitraries.of("", "0", "7", "-1", "x", "9223372036854775807").map(KvStateMachineContractTest::bytes);
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
