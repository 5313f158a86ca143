package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** F44: a replica without a connection to the leader, but with one to a neighbour of it, serves its clients. */
class RelayTest {
    private static final DirectBuffer X = SentMessages.value("x");
    private static final long LEADERS = Ballot.of(3, 1);
    private static final long QUESTION = 1L << Integer.SIZE; // the one before the first of the first life

    @Nested
    class A_neighbour_of_the_leader {
        private final ProtocolFixture fixture = following();

        /** F44: its linearizable reads failed. */
        @Test
        void asks_the_leader_for_the_slot_of_a_read_of_a_member_without_a_connection_to_it() {
            fixture.core.askRead(3, 40);
            assertThat(fixture.sent.take()).containsExactly("now 1 askRead 2 " + (QUESTION + 1));
            fixture.core.readAt(1, LEADERS, QUESTION + 1, 9);
            assertThat(fixture.sent.take()).contains("now 3 readAt 2 " + LEADERS + " 40 9");
            assertThat(fixture.readable).isEmpty();
        }

        @Test
        void answers_each_member_what_was_asked_for_it_and_while_it_goes_on_asking() {
            fixture.core.askRead(3, 40);
            fixture.core.askRead(90);
            fixture.core.askRead(3, 41);
            fixture.core.askRead(3, 42);
            fixture.sent.take();
            fixture.core.readAt(1, LEADERS, QUESTION + 1, 9);
            assertThat(fixture.sent.take()).contains("now 3 readAt 2 " + LEADERS + " 40 9");
            assertThat(fixture.readable).isEmpty();
            fixture.core.readAt(1, LEADERS, QUESTION + 3, 10);
            assertThat(fixture.readable).containsExactly("90@10");
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("readAt"));
            fixture.core.readAt(1, LEADERS, QUESTION + 4, 11);
            assertThat(fixture.sent.take()).contains("now 3 readAt 2 " + LEADERS + " 42 11");
        }

        @Test
        void asks_again_at_each_tick_until_there_is_an_answer() {
            fixture.core.askRead(3, 40);
            fixture.core.askRead(3, 41);
            fixture.sent.take();
            fixture.tick();
            assertThat(fixture.sent.take()).contains("now 1 askRead 2 " + (QUESTION + 2));
            fixture.core.readAt(1, LEADERS, QUESTION + 2, 9);
            assertThat(fixture.sent.take()).contains("now 3 readAt 2 " + LEADERS + " 41 9");
            fixture.tick();
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("askRead"));
        }

        @Test
        void ignores_an_answer_to_an_earlier_life_and_to_what_it_has_never_asked() {
            fixture.core.askRead(3, 40);
            fixture.core.askRead(90);
            fixture.sent.take();
            fixture.core.readAt(1, LEADERS, QUESTION, 9);
            fixture.core.readAt(1, LEADERS, QUESTION + 3, 9);
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("readAt"));
            assertThat(fixture.readable).isEmpty();
        }

        @Test
        void passes_no_question_on_to_the_member_that_asks_nor_without_a_leader() {
            final ProtocolFixture alone = new ProtocolFixture(2, 8, 1, 2, 3);
            alone.core.askRead(3, 40);
            fixture.core.askRead(1, 40);
            fixture.core.askRead(4, 40); // no member
            assertThat(alone.sent.take()).isEmpty();
            assertThat(fixture.sent.take()).isEmpty();
        }

        /** F44: the word of a leader, as far as the values are here. So it is as good as the leader's own message. */
        @Test
        void passes_on_what_the_leader_announces_to_a_member_whose_commands_it_has_passed_on() {
            fixture.core.forward(3, X, 0, 1);
            fixture.core.accept(1, LEADERS, 1, 0, X, 0, 1);
            fixture.core.chosen(1, LEADERS, 2);
            fixture.sent.take();
            fixture.core.flushDecisions();
            assertThat(fixture.sent.take()).contains("now 3 chosen 2 " + LEADERS + " 1");
            fixture.core.flushDecisions();
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("chosen"));
            fixture.core.accept(1, LEADERS, 2, 1, X, 0, 1);
            fixture.core.flushDecisions();
            assertThat(fixture.sent.take()).contains("now 3 chosen 2 " + LEADERS + " 2");
        }

        @Test
        void passes_news_on_only_for_some_ticks_after_the_member_has_sent_something() {
            fixture.core.forward(3, X, 0, 1);
            for (int i = 0; i < 10; i++) {
                fixture.happyPong(1, LEADERS);
                fixture.tick();
            }
            fixture.core.accept(1, LEADERS, 1, 0, X, 0, 1);
            fixture.core.chosen(1, LEADERS, 1);
            fixture.sent.take();
            fixture.core.flushDecisions();
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("chosen"));
        }

        private static ProtocolFixture following() {
            final ProtocolFixture fixture = new ProtocolFixture(2, 8, 1, 2, 3);
            fixture.core.prepare(1, LEADERS, 1);
            fixture.sync();
            fixture.tick();
            fixture.happyPong(1, LEADERS);
            assertThat(fixture.core.leaderId()).isEqualTo(1);
            fixture.sent.take();
            return fixture;
        }
    }

    @Nested
    class A_member_without_a_connection_to_the_leader {
        @Test
        void asks_its_neighbour_and_takes_nothing_for_chosen_that_only_the_leader_could_teach() {
            final ProtocolFixture fixture = new ProtocolFixture(3, 8, 1, 2, 3);
            fixture.tick();
            fixture.happyPong(2, LEADERS);
            fixture.core.askRead(7);
            assertThat(fixture.sent.take()).contains("now 2 askRead 3 " + (QUESTION + 1));
            fixture.core.readAt(2, LEADERS, QUESTION + 1, 9);
            assertThat(fixture.readable).containsExactly("7@9");
            fixture.core.flushDecisions();
            assertThat(fixture.sent.take()).noneMatch(line -> line.contains("fetch")); // 2 has not said that it has it
        }
    }
}
