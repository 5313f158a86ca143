package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Outcome;
import io.paxos.Replica;
import io.paxos.Status;
import io.paxos.execution.DivergedException;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** Members that have applied something else stop, and only those. */
class DivergenceTest {
    private static final int WRONG = 3; // the id of the member that differs

    private int built; // how many replicas have been described

    private LockstepCluster cluster(final Consumer<Replica.Builder> settings) {
        built = 0;
        final LockstepCluster cluster = new LockstepCluster(3, settings);
        cluster.until(cluster::hasLeader);
        return cluster;
    }

    private static void choose(final LockstepCluster cluster, final int commands) {
        for (int i = 0; i < commands; i++) {
            final CompletableFuture<Outcome> outcome = cluster.leader().submit(LockstepCluster.number(1));
            cluster.until(outcome::isDone);
            assertThat(outcome.join()).isInstanceOf(Outcome.Chosen.class);
        }
    }

    private static void turn(final LockstepCluster cluster, final int turns) {
        for (int i = 0; i < turns; i++) {
            cluster.turn();
        }
    }

    private static Throwable fault(final LockstepCluster cluster, final int id) {
        return cluster.replicas.get(id - 1).status().fault();
    }

    /** Cuts off the member that neither leads nor differs. Returns its id. */
    private static int cutOffThird(final LockstepCluster cluster) {
        final int leader = cluster.leader().status().id();
        final int third = leader == 1 ? 2 : 1;
        cluster.isCut[third - 1] = true;
        return third;
    }

    /** The two members that can reach each other stop, the third has nothing to compare itself with. */
    private static void requireTwoStop(final LockstepCluster cluster, final int third, final String what) {
        final int other = 3 - third;
        cluster.until(() -> fault(cluster, WRONG) != null && fault(cluster, other) != null);
        assertThat(fault(cluster, WRONG)).isInstanceOf(DivergedException.class).hasMessageFindingMatch(what);
        assertThat(fault(cluster, other)).isInstanceOf(DivergedException.class).hasMessageFindingMatch(what);
        cluster.isCut[third - 1] = false;
        turn(cluster, 1_000);
        assertThat(fault(cluster, third)).isNull();
        assertThat(cluster.replicas.get(WRONG - 1).status().role()).isEqualTo(Status.Role.STOPPED);
    }

    /** F4: two values were chosen for one slot, acknowledged data was gone, and no replica stopped. */
    @Test
    void two_members_with_another_value_in_a_slot_stop_both_and_name_the_first_slots_that_differ() {
        final LockstepCluster cluster = cluster(builder -> {});
        choose(cluster, 12);
        turn(cluster, 300); // heartbeats tell the checksums of slot 8
        cluster.logs.get(WRONG - 1).alters(20);
        final int third = cutOffThird(cluster);
        choose(cluster, 12);
        requireTwoStop(cluster, third, "have other values in slots (9|17)..24, and both call them chosen");
    }

    /** F16: two members went on with states 5 and 203, and no replica stopped. */
    @Test
    void two_members_whose_state_machines_reply_differently_stop_both_and_say_why() {
        final LockstepCluster cluster =
                cluster(builder -> builder.compareReplies(true).stateMachine(new Sometimes(++built == WRONG)));
        final int third = cutOffThird(cluster);
        choose(cluster, 10);
        requireTwoStop(cluster, third, "The state machine is not deterministic");
    }

    @Test
    void replies_are_not_compared_if_the_builder_says_so() {
        final LockstepCluster cluster =
                cluster(builder -> builder.compareReplies(false).stateMachine(new Sometimes(++built == WRONG)));
        choose(cluster, 100);
        assertThat(cluster.replicas)
                .allSatisfy(replica -> assertThat(replica.status().fault()).isNull());
    }

    /** One that learns what it has missed compares it with what it was told before. */
    @Test
    void a_member_that_was_behind_is_compared_when_it_has_caught_up() {
        final LockstepCluster cluster = cluster(builder -> {});
        final int leader = cluster.leader().status().id();
        final int behind = leader % 3 + 1;
        cluster.isCut[behind - 1] = true;
        cluster.logs.get(behind - 1).alters(3);
        choose(cluster, 200);
        cluster.isCut[behind - 1] = false;
        cluster.until(() -> fault(cluster, behind) != null);
        assertThat(fault(cluster, behind)).isInstanceOf(DivergedException.class);
    }

    /** Adds one, and on one member a little more from the fifth command on. */
    private static final class Sometimes implements StateMachine {
        private final boolean isWrong;
        private long count;

        Sometimes(final boolean isWrong) {
            this.isWrong = isWrong;
        }

        @Override
        public void apply(final Command command, final Reply reply) {
            count++;
            reply.reserve(Long.BYTES).putLong(0, isWrong && count >= 5 ? count + 1 : count);
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
            reply.reserve(Long.BYTES).putLong(0, count);
        }
    }
}
