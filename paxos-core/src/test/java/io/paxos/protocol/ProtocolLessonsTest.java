package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.MemoryLog;
import io.paxos.spi.AcceptorLog;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What other systems have taught, where it can be shown on one replica, word by word: see docs/lessons.md. */
class ProtocolLessonsTest {
    private static final DirectBuffer X = Script.value("x");

    @Nested
    class L3_io_order_is_part_of_the_protocol {
        /** L3: openraft, io_ordering.md: an entry on disk without the vote under which it was accepted. */
        @Test
        void a_value_of_a_new_ballot_is_appended_behind_its_promise_to_the_same_log() {
            final List<String> appended = new ArrayList<>();
            final Acceptor acceptor = new Acceptor(1, recording(new MemoryLog(), appended), new Script(), 8);
            final long ballot = Ballot.of(4, 2);
            acceptor.accept(2, ballot, 1, 0, X, 0, 1);
            acceptor.accept(2, ballot, 2, 0, X, 0, 1);
            assertThat(appended).containsExactly("promise " + ballot, "accept " + ballot, "accept " + ballot);
        }

        private AcceptorLog recording(final AcceptorLog log, final List<String> appended) {
            return (AcceptorLog) Proxy.newProxyInstance(
                    AcceptorLog.class.getClassLoader(),
                    new Class<?>[] {AcceptorLog.class},
                    (proxy, method, arguments) -> {
                        if (method.getReturnType() == void.class) {
                            appended.add(method.getName() + " " + arguments[0]);
                        }
                        return method.invoke(log, arguments);
                    });
        }
    }

    @Nested
    class L7_a_change_of_role_leaves_nothing_behind {
        /** Replica 1 of 5, which leads. */
        private Stage leader() {
            final Stage stage = new Stage(1, 8, 1, 2, 3, 4, 5);
            stage.campaign();
            promised(stage, 2, 3);
            assertThat(stage.core.role()).isEqualTo(MultiPaxos.Role.LEADER);
            stage.said.take();
            return stage;
        }

        private void promised(final Stage stage, final int... by) {
            for (final int from : by) {
                stage.core.promise(from, stage.core.following(), 0, 0);
            }
        }

        /** It hears of a higher ballot, asks for promises above it, and has its own. */
        private void campaignsAgain(final Stage stage) {
            stage.core.reject(5, stage.core.following() + (3L << 16), 1);
            stage.campaign();
            assertThat(stage.core.role()).isEqualTo(MultiPaxos.Role.CANDIDATE);
        }

        /** L7: hashicorp/raft #696: a flag of an earlier term was taken for one of this. */
        @Test
        void votes_of_an_earlier_leadership_are_not_counted_in_a_later_one() {
            final Stage stage = leader();
            stage.core.propose(X, 0, 1);
            stage.sync();
            stage.accepted(2, 1); // one more would choose it
            campaignsAgain(stage);
            promised(stage, 2, 3);
            assertThat(stage.core.role()).isEqualTo(MultiPaxos.Role.LEADER);
            stage.sync();
            stage.accepted(4, 1);
            assertThat(stage.core.chosenThrough()).isZero();

            stage.accepted(3, 1);
            assertThat(stage.core.chosenThrough()).isEqualTo(1);
        }

        /** L7: hashicorp/raft #696: promises to an earlier self, heard then or only now, elect nobody. */
        @Test
        void promises_to_an_earlier_ballot_do_not_elect_in_a_later_one() {
            final Stage stage = new Stage(1, 8, 1, 2, 3, 4, 5);
            stage.campaign();
            final long earlier = stage.core.following();
            promised(stage, 2);
            campaignsAgain(stage);
            promised(stage, 4);
            stage.core.promise(3, earlier, 0, 0);
            assertThat(stage.core.role()).isEqualTo(MultiPaxos.Role.CANDIDATE);

            promised(stage, 3);
            assertThat(stage.core.role()).isEqualTo(MultiPaxos.Role.LEADER);
        }

        /** L7: hashicorp/raft #695: what came beside the state machine confirmed a leadership that was over. */
        @Test
        void reads_asked_of_an_earlier_leadership_are_not_answered_by_confirmations_of_either() {
            final Stage stage = leader();
            final long earlier = stage.core.following();
            stage.core.askRead(2, 7);
            stage.core.speak();
            stage.core.confirmed(3, earlier, 1); // one more would confirm it
            campaignsAgain(stage);
            promised(stage, 2, 3);
            assertThat(stage.core.role()).isEqualTo(MultiPaxos.Role.LEADER);
            final long later = stage.core.following();
            stage.core.confirmed(4, earlier, 1);
            stage.core.confirmed(4, later, 1);
            stage.core.confirmed(5, later, 1);
            assertThat(stage.said.take()).noneMatch(line -> line.contains("readAt"));

            stage.core.askRead(2, 7);
            stage.core.speak();
            stage.core.confirmed(4, later, 2);
            stage.core.confirmed(5, later, 2);
            assertThat(stage.said.take()).contains("now 2 readAt 1 " + later + " 7 0");
        }
    }
}
