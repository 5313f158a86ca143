package io.paxos.examples.kv;

import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.machine.StateMachineContract;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** The store is deterministic for any commands. There are few keys, so that operations interact. */
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
                        .as((key, delta) -> KvOperation.of(Op.INCRBY, key, KvOperation.bytes(delta))),
                Combinators.combine(key(), value()).as((key, tail) -> KvOperation.of(Op.APPEND, key, tail)),
                Combinators.combine(key(), value(), key(), value())
                        .as((key, value, other, otherValue) -> KvOperation.of(Op.MSET, key, value, other, otherValue)),
                key().list().ofMinSize(1).ofMaxSize(3).map(keys -> new KvOperation(Op.DEL, keys)),
                key().map(key -> KvOperation.of(Op.GETDEL, key)),
                Arbitraries.create(() -> KvOperation.of(Op.FLUSHALL)),
                read()));
    }

    @Override
    protected Arbitrary<byte[]> queries() {
        return batches(read());
    }

    private static Arbitrary<byte[]> batches(final Arbitrary<KvOperation> operations) {
        return operations.list().ofMinSize(1).ofMaxSize(3).map(KvCodec::encode);
    }

    private static Arbitrary<KvOperation> set() {
        final Arbitrary<Integer> conditions = Arbitraries.of(0, SetFlags.NX, SetFlags.XX, SetFlags.GET, SetFlags.IFEQ);
        return Combinators.combine(key(), value(), conditions, value())
                .as((key, value, flags, expected) -> flags == SetFlags.IFEQ
                        ? KvOperation.of(Op.SET, key, value, flag(flags), expected)
                        : KvOperation.of(Op.SET, key, value, flag(flags)));
    }

    private static Arbitrary<KvOperation> read() {
        final Arbitrary<List<byte[]>> keys = key().list().ofMinSize(1).ofMaxSize(3);
        return Arbitraries.oneOf(
                key().map(key -> KvOperation.of(Op.GET, key)),
                key().map(key -> KvOperation.of(Op.STRLEN, key)),
                keys.map(some -> new KvOperation(Op.MGET, some)),
                keys.map(some -> new KvOperation(Op.EXISTS, some)),
                Arbitraries.create(() -> KvOperation.of(Op.DBSIZE)),
                Arbitraries.longs()
                        .between(1, 4)
                        .map(count ->
                                KvOperation.of(Op.SCAN, KvOperation.bytes(0), bytes("*"), KvOperation.bytes(count))));
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
