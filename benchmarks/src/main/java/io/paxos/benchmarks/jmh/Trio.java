package io.paxos.benchmarks.jmh;

import io.paxos.Members;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.ReplyHandler;
import io.paxos.Status;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Three replicas of the production class, driven by one thread. Logs are rings in memory, frames go through the
 * in-process transport, and the state machine counts; so the engine is measured.
 */
final class Trio implements AutoCloseable {
    private static final Members MEMBERS = Members.of(1, 2, 3);
    private static final int LOG_SLOTS = 1024;
    private static final int LOG_BYTES = 2 << 20; // many times what is in flight, and it fits into the cache
    private static final int MAILBOX_BYTES = 4 << 20;
    private static final int VALUE_LENGTH_MAX = 256 << 10;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long SUBMIT_TIMEOUT_NS =
            TimeUnit.MINUTES.toNanos(1); // a busy machine stalls the compiler, too

    private final Counter[] machines = new Counter[MEMBERS.size()];
    private final Replica[] replicas = new Replica[MEMBERS.size()];
    private final Answers answers = new Answers();
    private Replica leader;
    private int leaderIndex;

    /** Starts the three and waits for a leader. A value is at most {@code batchBytesMax} long, or one command. */
    Trio(final int batchBytesMax) {
        final InProcessNetwork network = new InProcessNetwork(MAILBOX_BYTES, VALUE_LENGTH_MAX);
        for (int voter = 0; voter < replicas.length; voter++) {
            final int id = MEMBERS.id(voter);
            machines[voter] = new Counter();
            replicas[voter] = Replica.builder(id)
                    .members(MEMBERS)
                    .log(new RingLog(LOG_SLOTS, LOG_BYTES))
                    .transport(network.transport(id))
                    .stateMachine(machines[voter])
                    .replyHandler(answers)
                    .batchBytesMax(batchBytesMax)
                    .timeoutNs(SUBMIT_TIMEOUT_NS)
                    .host();
        }
        awaitLeader();
    }

    /**
     * Submits this command so many times at the leader, and gives each replica its turn until all of them are chosen
     * and executed at the leader. Followers execute them when the next proposal contains that they are chosen.
     */
    void execute(final UnsafeBuffer command, final int times) {
        final long target = answers.chosen + times;
        for (int i = 0; i < times; i++) {
            if (leader.offer(command, 0, command.capacity()) < 0) {
                throw new IllegalStateException("the leader took only " + i + " of " + times + " commands");
            }
        }
        int idle = 0;
        for (int turn = leaderIndex; answers.chosen < target; turn = turn + 1 == replicas.length ? 0 : turn + 1) {
            idle = replicas[turn].doWork() == 0 ? idle + 1 : 0;
            if (idle > replicas.length) {
                requireHealthy();
            }
        }
    }

    /** One turn for each. */
    void turn() {
        for (final Replica replica : replicas) {
            replica.doWork();
        }
    }

    private void requireHealthy() {
        for (final Replica replica : replicas) {
            final Throwable fault = replica.status().fault();
            if (fault != null) {
                throw new IllegalStateException("a replica has stopped", fault);
            }
        }
    }

    private void awaitLeader() {
        final long startNs = System.nanoTime();
        while (leader == null) {
            turnBefore(startNs + PATIENCE_NS, "no leader");
            for (int voter = 0; voter < replicas.length; voter++) {
                if (replicas[voter].status().role() == Status.Role.LEADER) {
                    leaderIndex = voter;
                    leader = replicas[voter];
                }
            }
        }
    }

    /**
     * Closes all, once each replica has executed every command; followers learn of the last one with the next
     * heartbeat.
     */
    @Override
    public void close() {
        final long startNs = System.nanoTime();
        for (final Counter machine : machines) {
            while (machine.applied != answers.chosen) {
                turnBefore(startNs + PATIENCE_NS, machine.applied + " of " + answers.chosen + " commands executed");
            }
        }
        for (final Replica replica : replicas) {
            replica.close();
        }
    }

    private void turnBefore(final long deadlineNs, final String problem) {
        turn();
        requireHealthy();
        if (System.nanoTime() - deadlineNs > 0) {
            throw new IllegalStateException(problem + " in " + PATIENCE_NS + " ns");
        }
    }

    private static final class Counter implements StateMachine {
        private long applied;

        @Override
        public void apply(final Command command, final Reply reply) {
            applied++;
            reply.reserve(Long.BYTES).putLong(0, applied);
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
            reply.reserve(Long.BYTES).putLong(0, applied);
        }
    }

    private static final class Answers implements ReplyHandler {
        private long chosen;

        @Override
        public void onChosen(
                final long correlationId,
                final long slot,
                final DirectBuffer reply,
                final int offset,
                final int length) {
            chosen++;
        }

        @Override
        public void onNotChosen(final long correlationId, final Reason reason) {
            throw new IllegalStateException("command " + correlationId + " was not chosen");
        }

        @Override
        public void onUnknown(final long correlationId) {
            throw new IllegalStateException("command " + correlationId + " got no answer in time");
        }
    }
}
