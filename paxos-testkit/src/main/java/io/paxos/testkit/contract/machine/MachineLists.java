package io.paxos.testkit.contract.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Tuple;

/**
 * The lists of inputs that {@link StateMachineContract} uses: many short ones, a few long ones, and bytes of no
 * meaning.
 */
final class MachineLists {
    private static final int SHORT_LISTS = 200;
    private static final int SHORT_MAX = 40;
    private static final int LONG_LISTS = 8;
    private static final int LONG_LENGTH = 2_000; // more than what waits for 300 or 1,000 commands before it goes wrong
    private static final int JUNK_LISTS = 500;
    private static final int JUNK_MAX = 10;
    private static final int JUNK_LENGTH_MAX = 64;
    private static final int GENERATIONS = 1_000; // what jqwik uses for a property of 1,000 tries

    private MachineLists() {}

    /** Short lists first, so that what fails early fails with a short list. Equal for an equal seed. */
    static List<List<MachineInput>> of(
            final Arbitrary<byte[]> commands, final Arbitrary<byte[]> queries, final long seed) {
        final Random random = new Random(seed);
        final List<List<MachineInput>> lists = new ArrayList<>();
        final Arbitrary<MachineInput> valid = Arbitraries.frequencyOf(
                Tuple.of(3, input(MachineInput.Kind.COMMAND, commands)),
                Tuple.of(1, input(MachineInput.Kind.QUERY, queries)));
        add(lists, SHORT_LISTS, valid.list().ofMaxSize(SHORT_MAX).generator(GENERATIONS, false), random);
        add(
                lists,
                JUNK_LISTS,
                junk(commands, queries).list().ofMaxSize(JUNK_MAX).generator(GENERATIONS, true),
                random);
        add(lists, LONG_LISTS, valid.list().ofSize(LONG_LENGTH).generator(GENERATIONS, false), random);
        return lists;
    }

    private static void add(
            final List<List<MachineInput>> lists,
            final int count,
            final RandomGenerator<List<MachineInput>> generator,
            final Random random) {
        for (int i = 0; i < count; i++) {
            lists.add(generator.next(random).value());
        }
    }

    /** Damaged commands and queries among others that are not damaged, and any bytes. */
    private static Arbitrary<MachineInput> junk(final Arbitrary<byte[]> commands, final Arbitrary<byte[]> queries) {
        final Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(JUNK_LENGTH_MAX);
        return Arbitraries.oneOf(
                input(MachineInput.Kind.COMMAND, commands),
                input(MachineInput.Kind.COMMAND, damaged(commands)),
                input(MachineInput.Kind.COMMAND, any),
                input(MachineInput.Kind.QUERY, damaged(queries)),
                input(MachineInput.Kind.QUERY, commands),
                input(MachineInput.Kind.QUERY, any));
    }

    private static Arbitrary<MachineInput> input(final MachineInput.Kind kind, final Arbitrary<byte[]> bytes) {
        return Combinators.combine(
                        bytes,
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 2_000))
                .as((some, slotsOn, msOn) -> new MachineInput(kind, some, slotsOn, msOn));
    }

    /** One byte altered, then cut short or made longer. */
    private static Arbitrary<byte[]> damaged(final Arbitrary<byte[]> intact) {
        return Combinators.combine(
                        intact,
                        Arbitraries.integers().between(0, 1_000),
                        Arbitraries.bytes(),
                        Arbitraries.integers().between(-3, 3))
                .as((bytes, at, value, longer) -> {
                    final byte[] damaged = Arrays.copyOf(bytes, Math.max(0, bytes.length + longer));
                    if (damaged.length > 0) {
                        damaged[at % damaged.length] = value;
                    }
                    return damaged;
                });
    }
}
