package io.paxos.testkit.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Histories for the tests of the checkers: by hand, and of a service that is right by construction. */
final class Histories {
    static final String KEY = "k";

    private Histories() {}

    static Operation<Register.Action<String>> write(
            final int client, final long callNs, final long returnNs, final String value) {
        return new Operation<>(client, KEY, callNs, returnNs, new Register.Write<>(value));
    }

    static Operation<Register.Action<String>> read(
            final int client, final long callNs, final long returnNs, final String seen) {
        return new Operation<>(client, KEY, callNs, returnNs, new Register.Read<>(seen));
    }

    static Operation<Register.Action<String>> compareAndSet(
            final int client, final long callNs, final long returnNs, final String expected, final String value) {
        return new Operation<>(client, KEY, callNs, returnNs, new Register.CompareAndSet<>(expected, value, true));
    }

    static Operation<Register.Action<String>> refused(
            final int client, final long callNs, final long returnNs, final String expected, final String value) {
        return new Operation<>(client, KEY, callNs, returnNs, new Register.CompareAndSet<>(expected, value, false));
    }

    /**
     * What clients of a correct register see, each asking one thing after the other, at random times. Half are reads.
     *
     * @param unknownOf1000 how many operations have an unknown outcome; half of those are executed all the same
     * @return each with its place in the order of execution for a slot, or 0 if it was not executed
     */
    static List<Placed<Register.Action<Integer>>> correct(
            final Random random, final int operations, final int clients, final int keys, final int unknownOf1000) {
        final Register<Integer> model = new Register<>();
        final List<Optional<Integer>> states = new ArrayList<>();
        for (int key = 0; key < keys; key++) {
            states.add(model.initial());
        }
        final long[] freeAtNs = new long[clients];
        final List<long[]> times = new ArrayList<>(); // client, call, effect, return
        for (int i = 0; i < operations; i++) {
            final int client = random.nextInt(clients);
            final long callNs = freeAtNs[client] + random.nextInt(20);
            final long effectNs = callNs + random.nextInt(100);
            final long returnNs = effectNs + random.nextInt(100);
            freeAtNs[client] = returnNs + 1;
            times.add(new long[] {client, callNs, effectNs, returnNs});
        }
        times.sort((a, b) -> Long.compare(a[2], b[2]));
        final List<Placed<Register.Action<Integer>>> history = new ArrayList<>();
        long slot = 0;
        for (int i = 0; i < operations; i++) {
            final long[] time = times.get(i);
            final int key = random.nextInt(keys);
            final Optional<Integer> state = states.get(key);
            final boolean isUnknown = random.nextInt(1000) < unknownOf1000;
            final Register.Action<Integer> action = action(random, i, state);
            if (!isUnknown || random.nextBoolean()) {
                states.set(key, model.stepUnseen(state, action));
                slot += model.isRead(action) ? 0 : 1;
            }
            final String name = "key " + key;
            history.add(new Placed<>(
                    new Operation<>((int) time[0], name, time[1], isUnknown ? Operation.NEVER : time[3], action),
                    isUnknown ? Placed.UNKNOWN : slot));
        }
        return history;
    }

    static <A> List<Operation<A>> operations(final List<Placed<A>> history) {
        return history.stream().map(Placed::operation).toList();
    }

    private static Register.Action<Integer> action(
            final Random random, final int unique, final Optional<Integer> state) {
        return switch (random.nextInt(4)) {
            case 0 -> new Register.Write<>(unique);
            case 1 -> {
                final boolean succeeds = random.nextBoolean();
                yield new Register.CompareAndSet<>(
                        succeeds ? state.orElse(null) : Integer.valueOf(-1), unique, succeeds);
            }
            default -> new Register.Read<>(state.orElse(null));
        };
    }
}
