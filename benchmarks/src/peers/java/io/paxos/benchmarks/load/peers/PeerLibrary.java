package io.paxos.benchmarks.load.peers;

import io.paxos.benchmarks.load.CounterState;
import io.paxos.benchmarks.load.Library;
import io.paxos.benchmarks.load.Replies;
import io.paxos.log.Durability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;

/**
 * What all peers have in common: their description, the wait for a leader after the start, and the counters of their
 * members. A subclass starts the members, finds the leader, and sends commands and reads to it.
 */
abstract class PeerLibrary implements Library {
    private static final long LEADER_WAIT_NS = TimeUnit.SECONDS.toNanos(90);
    private static final long LEADER_POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Description description;

    /** One counter per member, in the order in which the members were created. */
    private final List<CounterState> counters = new ArrayList<>();

    /** Receives the outcomes. Null until the library is started. */
    private Replies replies;

    PeerLibrary(final Description description) {
        this.description = description;
    }

    /**
     * The answers to the questions that {@link Library} asks.
     *
     * @param syncMeans what {@link Durability#SYNC} means for this library
     * @param replicatedMeans what {@link Durability#REPLICATED} means for this library
     */
    record Description(
            String name, String settings, String syncMeans, String replicatedMeans, List<String> jvmArguments) {}

    @Override
    public final String name() {
        return description.name();
    }

    @Override
    public final String settings() {
        return description.settings();
    }

    @Override
    public final String durabilityMeans(final Durability durability) {
        return switch (durability) {
            case SYNC -> description.syncMeans();
            case REPLICATED -> description.replicatedMeans();
        };
    }

    @Override
    public final List<String> jvmArguments() {
        return description.jvmArguments();
    }

    @Override
    public final void start(final Setup setup, final Replies newReplies) throws Exception {
        replies = newReplies;
        startMembers(setup);
        final long deadlineNs = System.nanoTime() + LEADER_WAIT_NS;
        while (!findLeader()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(
                        name() + " elected no leader within " + TimeUnit.NANOSECONDS.toSeconds(LEADER_WAIT_NS) + " s");
            }
            LockSupport.parkNanos(LEADER_POLL_NS);
        }
        connect(setup);
    }

    /** Starts all members; each gets its state from {@link #newCounter}. */
    abstract void startMembers(Setup setup) throws Exception;

    /** Looks for the leader once and remembers it. False: there is none yet. */
    abstract boolean findLeader() throws IOException;

    /** Connects the client to the leader, if that takes more than calling a method of the leader. */
    void connect(final Setup setup) {}

    /** The state of the next member. */
    final CounterState newCounter() {
        final CounterState counter = new CounterState();
        counters.add(counter);
        return counter;
    }

    final CounterState counter(final int member) {
        return counters.get(member);
    }

    final Replies replies() {
        return replies;
    }

    /** A copy of the command, for a library that keeps the array that it is given. */
    static byte[] copyOf(final DirectBuffer command, final int offset, final int length) {
        final byte[] copy = new byte[length];
        command.getBytes(offset, copy);
        return copy;
    }

    @Override
    public final List<Holding> holdings() {
        final List<Holding> holdings = new ArrayList<>();
        for (int member = 0; member < counters.size(); member++) {
            holdings.add(counters.get(member).holding(member));
        }
        return holdings;
    }
}
