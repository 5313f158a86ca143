package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ManualLog;
import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.ReadFailedException;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.ReplyHandler;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** F26: refusals have a typed reason. A program need not read the text for people. */
class ReasonTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    /** F26: of commands and reads. */
    @Test
    void without_a_quorum_is_no_quorum() {
        final LockstepCluster cluster = new LockstepCluster(3, builder -> builder.timeoutNs(SECOND_NS));
        cluster.until(cluster::hasLeader);
        final int index = cluster.leader().status().id() % 3; // a follower
        cluster.isCut[index] = true;
        cluster.until(() -> cluster.replicas.get(index).status().connected() == 1);

        assertThat(refusal(cluster, index).reason()).isEqualTo(Reason.NO_QUORUM);
        assertThat(failedRead(cluster, index).reason()).isEqualTo(Reason.NO_QUORUM);
    }

    @Test
    void with_a_quorum_and_without_a_leader_is_no_leader() {
        final LockstepCluster cluster =
                new LockstepCluster(3, builder -> builder.timeoutNs(SECOND_NS).stallNs(60 * SECOND_NS));
        cluster.logs.forEach(ManualLog::freeze); // no promise is durable, so nobody is elected

        assertThat(refusal(cluster, 0).reason()).isEqualTo(Reason.NO_LEADER);
        assertThat(failedRead(cluster, 0).reason()).isEqualTo(Reason.NO_LEADER);
    }

    @Test
    void what_the_leader_cannot_take_by_the_deadline_is_busy() {
        final LockstepCluster cluster =
                new LockstepCluster(1, builder -> builder.timeoutNs(SECOND_NS).windowSlots(1));
        cluster.until(cluster::hasLeader);
        cluster.logs.get(0).freeze();
        final var first = cluster.replicas.get(0).submit(LockstepCluster.number(1));
        cluster.turn(); // it fills the window

        assertThat(refusal(cluster, 0).reason()).isEqualTo(Reason.BUSY);
        assertThat(first.join()).isInstanceOf(Outcome.Unknown.class);
    }

    /** F26: at the caller. */
    @Test
    void what_finds_no_room_is_busy() {
        final LockstepCluster cluster = new LockstepCluster(1, builder -> builder.pendingCommands(8));
        final Replica replica = cluster.replicas.get(0);
        final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        final List<CompletableFuture<byte[]>> reads = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            outcomes.add(replica.submit(LockstepCluster.number(1)));
            reads.add(replica.read(new byte[0], Read.LINEARIZABLE));
        }
        assertThat(((Outcome.NotChosen) outcomes.get(8).join()).reason()).isEqualTo(Reason.BUSY);
        assertThat(failure(reads.get(8)).reason()).isEqualTo(Reason.BUSY);
    }

    @Test
    void a_log_at_its_budget_is_full_at_the_leader_and_at_its_followers() {
        final LockstepCluster cluster =
                new LockstepCluster(3, builder -> builder.logTailBytes(0).maxLogBytes(1_000));
        cluster.until(cluster::hasLeader);
        final int leader = cluster.leader().status().id() - 1;
        cluster.logs.get(leader).bytes(1_000);
        assertThat(refusal(cluster, leader).reason()).isEqualTo(Reason.FULL);

        final long laterNs = cluster.nowNs() + SECOND_NS;
        cluster.until(() -> cluster.nowNs() > laterNs); // until the followers are told
        assertThat(refusal(cluster, (leader + 1) % 3).reason()).isEqualTo(Reason.FULL);
    }

    @Test
    void a_query_that_throws_is_a_failed_query_and_a_closed_replica_is_closed() {
        final LockstepCluster cluster = new LockstepCluster(1, builder -> builder.stateMachine(new Throwing()));
        cluster.until(cluster::hasLeader);
        final Replica replica = cluster.replicas.get(0);
        assertThat(failedRead(cluster, 0).reason()).isEqualTo(Reason.FAILED_QUERY);

        replica.close();
        assertThat(((Outcome.NotChosen) replica.submit(new byte[1]).join()).reason())
                .isEqualTo(Reason.CLOSED);
        assertThat(failure(replica.read(new byte[0], Read.LOCAL)).reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void a_replica_that_a_fault_has_stopped_is_faulted() {
        final LockstepCluster cluster = new LockstepCluster(1, builder -> builder.stateMachine(new Throwing()));
        cluster.until(cluster::hasLeader);
        final Replica replica = cluster.replicas.get(0);
        final var first = replica.submit(new byte[1]);
        cluster.until(() -> replica.status().fault() != null);

        assertThat(first.join()).isInstanceOf(Outcome.Unknown.class);
        assertThat(((Outcome.NotChosen) replica.submit(new byte[1]).join()).reason())
                .isEqualTo(Reason.FAULTED);
        assertThat(failure(replica.read(new byte[0], Read.LOCAL)).reason()).isEqualTo(Reason.FAULTED);
    }

    /** F26: without a future. */
    @Test
    void a_reply_handler_is_told_the_reason() {
        final List<Reason> reasons = new ArrayList<>();
        final LockstepCluster cluster = new LockstepCluster(
                1, builder -> builder.logTailBytes(0).maxLogBytes(1_000).replyHandler(new Refused(reasons)));
        cluster.until(cluster::hasLeader);
        cluster.logs.get(0).bytes(1_000);
        cluster.replicas.get(0).offer(new UnsafeBuffer(new byte[8]), 0, 8);
        cluster.until(() -> !reasons.isEmpty());
        assertThat(reasons).containsExactly(Reason.FULL);
    }

    @Test
    void the_text_of_an_outcome_has_its_reason() {
        assertThat(new Outcome.NotChosen(Reason.BUSY, "too many commands are waiting"))
                .hasToString("NotChosen[reason=BUSY, text=too many commands are waiting]")
                .isEqualTo(new Outcome.NotChosen(Reason.BUSY, "too many commands are waiting"))
                .isNotEqualTo(new Outcome.NotChosen(Reason.FULL, "too many commands are waiting"));
    }

    private static Outcome.NotChosen refusal(final LockstepCluster cluster, final int index) {
        final var outcome = cluster.replicas.get(index).submit(LockstepCluster.number(1));
        cluster.until(outcome::isDone);
        return (Outcome.NotChosen) outcome.join();
    }

    private static ReadFailedException failedRead(final LockstepCluster cluster, final int index) {
        final var read = cluster.replicas.get(index).read(new byte[0], Read.LINEARIZABLE);
        cluster.until(read::isDone);
        return failure(read);
    }

    private static ReadFailedException failure(final CompletableFuture<byte[]> read) {
        try {
            throw new AssertionError("was served: " + read.join().length);
        } catch (final CompletionException e) {
            return (ReadFailedException) e.getCause();
        }
    }

    /** Keeps the reasons of commands that were not chosen. */
    record Refused(List<Reason> reasons) implements ReplyHandler {
        @Override
        public void onChosen(
                final long correlationId,
                final long slot,
                final DirectBuffer reply,
                final int offset,
                final int length) {}

        @Override
        public void onNotChosen(final long correlationId, final Reason reason) {
            reasons.add(reason);
        }

        @Override
        public void onUnknown(final long correlationId) {}
    }

    private static final class Throwing extends LockstepCluster.Counter {
        @Override
        public void apply(final Command command, final Reply reply) {
            throw new IllegalArgumentException("cannot execute this");
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
            throw new IllegalArgumentException("cannot answer this");
        }
    }
}
