package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Replica;
import io.paxos.Status;
import io.paxos.spi.Clock;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Some replicas in one thread and one virtual time, over a perfect network that can be cut; what is said leaves when it
 * is flushed.
 */
final class LockstepCluster {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);

    final List<Replica> replicas = new ArrayList<>();
    final List<ManualLog> logs = new ArrayList<>();
    final List<Counter> counters = new ArrayList<>();
    final boolean[] isCut;
    private final List<Deque<Consumer<Messages>>> inboxes = new ArrayList<>();
    private final List<LockstepTransport> lines = new ArrayList<>();
    private final long[] delaysNs; // by index; 0 for a perfect way
    private final List<Delayed> delayed = new ArrayList<>(); // in the order in which they left
    private long nowNs = 1;

    private record Delayed(long arrivesNs, Runnable arrival) {}

    long nowNs() {
        return nowNs;
    }

    /** Time passes within a turn. */
    void pass(final long durationNs) {
        nowNs += durationNs;
    }

    /** Adds each command, and answers with the sum. */
    static class Counter implements StateMachine {
        long sum;

        @Override
        public void apply(final Command command, final Reply reply) {
            sum += command.buffer().getLong(command.offset());
            reply.reserve(Long.BYTES).putLong(0, sum);
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
            reply.reserve(Long.BYTES).putLong(0, sum);
        }
    }

    LockstepCluster(final int size, final Consumer<Replica.Builder> settings) {
        final int[] ids = new int[size];
        isCut = new boolean[size];
        delaysNs = new long[size];
        for (int i = 0; i < size; i++) {
            ids[i] = i + 1;
            inboxes.add(new ArrayDeque<>());
        }
        for (int i = 0; i < size; i++) {
            logs.add(new ManualLog());
            counters.add(new Counter());
            lines.add(new LockstepTransport(i));
            final Replica.Builder builder = Replica.builder(i + 1)
                    .members(Members.of(ids))
                    .log(logs.get(i))
                    .transport(lines.get(i))
                    .stateMachine(counters.get(i))
                    .clock(new Clock() {
                        @Override
                        public long nanoTime() {
                            return nowNs;
                        }

                        @Override
                        public long epochMillis() {
                            return TimeUnit.NANOSECONDS.toMillis(nowNs);
                        }
                    });
            settings.accept(builder);
            replicas.add(builder.host());
        }
    }

    /** Lets time pass until this holds; fails after a minute of virtual time. */
    void until(final BooleanSupplier holds) {
        final long limitNs = nowNs + TimeUnit.MINUTES.toNanos(1);
        while (!holds.getAsBoolean()) {
            if (nowNs > limitNs) {
                throw new AssertionError("did not happen: "
                        + replicas.stream().map(Replica::status).toList());
            }
            turn();
        }
    }

    /** Something arrives at the replica with this index, from any sender. */
    void tell(final int index, final Consumer<Messages> message) {
        inboxes.get(index).add(message);
    }

    /**
     * How long the transport of the replica with this index may hold proposals back, by replica id; those that may
     * wait.
     */
    Map<Integer, Long> lingering(final int index) {
        return lines.get(index).lingering;
    }

    private void arrive(final int from, final int to, final Consumer<Messages> message) {
        final long delayNs = delaysNs[from] + delaysNs[to];
        if (delayNs == 0) {
            tell(to, message);
        } else {
            delayed.add(new Delayed(nowNs + delayNs, () -> tell(to, message)));
        }
    }

    /** From now on what the replica with this index sends, and what is sent to it, takes so long. */
    void delayNs(final int index, final long timeNs) {
        delaysNs[index] = timeNs;
    }

    /** How often the replica with this index was woken. */
    int wakeups(final int index) {
        return lines.get(index).wakeups;
    }

    /** How long the replica with this index would sleep now. */
    long sleepNs(final int index) {
        return replicas.get(index).nextWorkNs() - nowNs;
    }

    /** How many messages of the replica with this index are not on their way yet. */
    int unsent(final int index) {
        return lines.get(index).sent.size();
    }

    void turn() {
        nowNs += STEP_NS;
        delayed.removeIf(one -> {
            final boolean isDue = one.arrivesNs - nowNs <= 0;
            if (isDue) {
                one.arrival.run();
            }
            return isDue;
        });
        boolean worked = true;
        while (worked) {
            worked = false;
            for (final Replica replica : replicas) {
                worked |= replica.doWork() > 0;
            }
        }
    }

    /** The replica that leads; fails if there is none. */
    Replica leader() {
        return replicas.stream()
                .filter(replica -> replica.status().role() == Status.Role.LEADER)
                .findFirst()
                .orElseThrow();
    }

    boolean hasLeader() {
        return replicas.stream().anyMatch(replica -> replica.status().role() == Status.Role.LEADER);
    }

    static byte[] number(final long value) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Long.BYTES]);
        buffer.putLong(0, value);
        return buffer.byteArray();
    }

    static long number(final byte[] bytes) {
        return new UnsafeBuffer(bytes).getLong(0);
    }

    /** Carries each message as a call that waits; a payload is copied when it is sent. */
    private final class LockstepTransport implements Transport {
        private final int own;
        private final List<Runnable> sent = new ArrayList<>(); // since the last flush
        private final Map<Integer, Long> lingering = new HashMap<>();
        private int wakeups;

        LockstepTransport(final int own) {
            this.own = own;
        }

        @Override
        public Messages to(final int replica) {
            return (Messages) Proxy.newProxyInstance(
                    Messages.class.getClassLoader(), new Class<?>[] {Messages.class}, (proxy, method, arguments) -> {
                        if (!isCut[own] && !isCut[replica - 1]) {
                            final Object[] copy = copyPayload(arguments);
                            sent.add(() -> arrive(own, replica - 1, receiver -> {
                                try {
                                    method.invoke(receiver, copy);
                                } catch (final ReflectiveOperationException e) {
                                    throw new IllegalStateException(e.getCause());
                                }
                            }));
                        }
                        return null;
                    });
        }

        private Object[] copyPayload(final Object[] arguments) {
            final Object[] copy = arguments.clone();
            for (int i = 0; i < copy.length; i++) {
                if (copy[i] instanceof DirectBuffer payload) {
                    final byte[] bytes = new byte[(int) copy[i + 2]];
                    payload.getBytes((int) copy[i + 1], bytes);
                    copy[i] = new UnsafeBuffer(bytes);
                    copy[i + 1] = 0;
                }
            }
            return copy;
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            int received = 0;
            Consumer<Messages> message;
            while ((message = inboxes.get(own).poll()) != null) {
                message.accept(receiver);
                received++;
            }
            return received;
        }

        @Override
        public int flush() {
            final int count = sent.size();
            sent.forEach(Runnable::run);
            sent.clear();
            return count;
        }

        @Override
        public void await(final long timeoutNs) {}

        @Override
        public void wakeup() {
            wakeups++;
        }

        @Override
        public void linger(final int replica, final long timeNs) {
            if (timeNs > 0) {
                lingering.put(replica, timeNs);
            } else {
                assertThat(lingering.remove(replica)).isNotNull();
            }
        }

        @Override
        public int valueLengthMax() {
            return 1 << 20;
        }

        @Override
        public void close() {}
    }
}
