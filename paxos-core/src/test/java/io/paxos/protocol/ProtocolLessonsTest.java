package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Probe;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What other systems have taught, where it can be shown on one replica, word by word: see docs/lessons.md. */
class ProtocolLessonsTest {
    private static final DirectBuffer X = SentMessages.value("x");

    @Nested
    class L3_io_order_is_part_of_the_protocol {
        /** L3: openraft, io_ordering.md: an entry on disk without the vote under which it was accepted. */
        @Test
        void a_value_of_a_new_ballot_is_appended_behind_its_promise_to_the_same_log() {
            final List<String> appended = new ArrayList<>();
            final Acceptor acceptor = new Acceptor(
                    Configuration.first(1, Members.of(1, 2, 3), Quorums.majority(3)),
                    recording(new ManualLog(), appended),
                    new SentMessages(),
                    Probe.NONE,
                    8);
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
        private ProtocolFixture leader() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3, 4, 5);
            fixture.campaign();
            promised(fixture, 2, 3);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            fixture.sent.take();
            return fixture;
        }

        private void promised(final ProtocolFixture fixture, final int... by) {
            for (final int from : by) {
                fixture.core.promise(from, fixture.core.following(), 0, 0);
            }
        }

        /** It receives a higher ballot, asks for promises above it, and has its own. */
        private void campaignsAgain(final ProtocolFixture fixture) {
            fixture.core.reject(5, fixture.core.following() + (3L << 16), 1);
            fixture.campaign();
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);
        }

        /** L7: hashicorp/raft #696: a flag of an earlier term was taken for one of this. */
        @Test
        void votes_of_an_earlier_leadership_are_not_counted_in_a_later_one() {
            final ProtocolFixture fixture = leader();
            fixture.core.propose(X, 0, 1);
            fixture.sync();
            fixture.accepted(2, 1); // one more would choose it
            campaignsAgain(fixture);
            promised(fixture, 2, 3);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            fixture.sync();
            fixture.accepted(4, 1);
            assertThat(fixture.core.chosenThrough()).isZero();

            fixture.accepted(3, 1);
            assertThat(fixture.core.chosenThrough()).isEqualTo(1);
        }

        /** L7: hashicorp/raft #696: promises to an earlier self elect no leader, received then or only now. */
        @Test
        void promises_to_an_earlier_ballot_do_not_elect_in_a_later_one() {
            final ProtocolFixture fixture = new ProtocolFixture(1, 8, 1, 2, 3, 4, 5);
            fixture.campaign();
            final long earlier = fixture.core.following();
            promised(fixture, 2);
            campaignsAgain(fixture);
            promised(fixture, 4);
            fixture.core.promise(3, earlier, 0, 0);
            assertThat(fixture.core.role()).isEqualTo(Role.CANDIDATE);

            promised(fixture, 3);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
        }

        /** L7: hashicorp/raft #695: what came beside the state machine confirmed a leadership that was over. */
        @Test
        void reads_asked_of_an_earlier_leadership_are_not_answered_by_confirmations_of_either() {
            final ProtocolFixture fixture = leader();
            final long earlier = fixture.core.following();
            fixture.core.askRead(2, 7);
            fixture.core.flushDecisions();
            fixture.core.confirmed(3, earlier, 1); // one more would confirm it
            campaignsAgain(fixture);
            promised(fixture, 2, 3);
            assertThat(fixture.core.role()).isEqualTo(Role.LEADER);
            final long later = fixture.core.following();
            fixture.core.confirmed(4, earlier, 1);
            fixture.core.confirmed(4, later, 1);
            fixture.core.confirmed(5, later, 1);
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("readAt"));

            fixture.core.askRead(2, 7);
            fixture.core.flushDecisions();
            fixture.core.confirmed(4, later, 2);
            fixture.core.confirmed(5, later, 2);
            assertThat(fixture.sent.take()).contains("now 2 readAt 1 " + later + " 7 0");
        }
    }
}
