package io.paxos.testkit.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.protocol.Ballot;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a recorder records, and what follows from it. */
class SpaceTimeTest {
    private static final long B21 = Ballot.of(2, 1);

    private final Recorder recorder = new Recorder();

    @Nested
    class Happened_before {
        /** 1 sends to 2, 2 sends to 3. Meanwhile 3 does something that reaches no other process, and 1 goes on. */
        private SpaceTime relay() {
            recorder.process(1, "a").process(2, "b").process(3, "c");
            final int first = recorder.sent(1, 0, 2, prepare()); //       event 0
            recorder.happened(3, 5, Kind.CLIENT, "alone"); //             event 1
            recorder.received(first, 10); //                              event 2
            recorder.happened(1, 11, Kind.CLIENT, "goes on"); //          event 3
            final int second = recorder.sent(2, 12, 3, prepare()); //     event 4
            recorder.outside(13, "a note"); //                            event 5
            recorder.received(second, 20); //                             event 6
            return recorder.spaceTime();
        }

        @Test
        void is_the_order_of_a_process_and_the_way_of_a_message() {
            final Causality causality = new Causality(relay());
            assertThat(causality.happenedBefore(0, 2)).as("a message").isTrue();
            assertThat(causality.happenedBefore(0, 3)).as("a process").isTrue();
            assertThat(causality.happenedBefore(0, 6)).as("both, in turn").isTrue();
            assertThat(causality.happenedBefore(6, 0)).as("never backwards").isFalse();
            assertThat(causality.happenedBefore(2, 2)).as("never before itself").isFalse();
        }

        @Test
        void leaves_concurrent_events_alone() {
            final Causality causality = new Causality(relay());
            assertThat(causality.happenedBefore(1, 2)).isFalse();
            assertThat(causality.happenedBefore(2, 1)).isFalse();
            assertThat(causality.happenedBefore(3, 6))
                    .as("later, but no message connects them")
                    .isFalse();
        }

        @Test
        void makes_a_light_cone_of_past_and_future() {
            final Causality causality = new Causality(relay());
            assertThat(causality.past(4)).isEqualTo(ids(0, 2, 4));
            assertThat(causality.future(4)).isEqualTo(ids(4, 6));
            assertThat(causality.cone(4)).isEqualTo(ids(0, 2, 4, 6));
        }

        @Test
        void leaves_out_what_was_done_from_outside() {
            final Causality causality = new Causality(relay());
            assertThat(causality.cone(5)).isEqualTo(ids(5));
            assertThat(causality.cone(6).get(5)).isFalse();
        }

        @Test
        void agrees_with_lamports_clock() {
            final SpaceTime run = relay();
            final Causality causality = new Causality(run);
            for (final Event one : run.events()) {
                for (final Event other : run.events()) {
                    if (causality.happenedBefore(one.id(), other.id())) {
                        assertThat(one.lamport()).isLessThan(other.lamport());
                    }
                }
            }
        }

        @Test
        void is_asked_of_events_that_there_are() {
            final Causality causality = new Causality(relay());
            assertThatThrownBy(() -> causality.cone(7))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0..6");
        }
    }

    @Nested
    class A_recorder {
        @Test
        void joins_both_copies_of_a_message_to_one_sending() {
            final int message = recorder.sent(1, 0, 2, prepare());
            final int copy = recorder.repeated(message);
            recorder.received(copy, 4);
            recorder.received(message, 9);
            final SpaceTime run = recorder.spaceTime();
            assertThat(run.messages()).extracting(Message::sentEvent).containsExactly(0, 0);
            assertThat(run.messages()).extracting(Message::receivedEvent).containsExactly(2, 1);
        }

        @Test
        void ends_a_message_once() {
            final int received = recorder.sent(1, 0, 2, prepare());
            final int lost = recorder.sent(1, 0, 2, prepare());
            recorder.received(received, 4);
            recorder.lost(lost, 5, "the link is cut");
            assertThatThrownBy(() -> recorder.lost(received, 6, "")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> recorder.received(lost, 6)).isInstanceOf(IllegalStateException.class);
            assertThat(recorder.spaceTime().messages())
                    .extracting(Message::isLost)
                    .containsExactly(false, true);
        }

        @Test
        void keeps_time_from_running_backwards() {
            recorder.happened(1, 10, Kind.CLIENT, "");
            recorder.happened(2, 7, Kind.CLIENT, "");
            assertThat(recorder.spaceTime().events()).extracting(Event::timeNs).containsExactly(10L, 10L);
        }

        @Test
        void opens_a_cut_once_and_ends_it_once() {
            recorder.cut(1, 2, 3);
            recorder.cut(1, 2, 4);
            recorder.mended(2, 1, 5);
            recorder.mended(1, 2, 6);
            recorder.mended(1, 2, 7);
            recorder.cut(2, 1, 8);
            assertThat(recorder.spaceTime().cuts()).containsExactly(new Cut(1, 2, 3, 6), new Cut(2, 1, 8, Cut.FOREVER));
        }

        @Test
        void notices_the_first_violation_where_something_happened_last() {
            recorder.happened(1, 1, Kind.CLIENT, "");
            recorder.outside(2, "a note");
            recorder.violated("a rule", "this", "that");
            recorder.violated("another rule", "", "");
            assertThat(recorder.spaceTime().violation()).isEqualTo(new Violation("a rule", "this", "that", 0));
        }
    }

    @Nested
    class The_last_events {
        @Test
        void keep_how_the_processes_were_and_the_messages_between_them() {
            recorder.happened(1, 0, Kind.STARTED, "life 1"); //                                       kept, 0
            recorder.happened(1, 1, Kind.ROLE, B21, 0, 0, "candidate", Map.of()); //                  gone
            recorder.happened(1, 2, Kind.ROLE, B21, 0, 0, "leader", Map.of()); //                     kept, 1
            final int old = recorder.sent(1, 3, 2, prepare()); //                                     gone
            final int young = recorder.sent(1, 4, 2, prepare()); //                                   kept, 2
            recorder.received(old, 5); //                                                             kept, 3
            recorder.received(young, 6); //                                                           kept, 4
            recorder.violated("a rule", "this", "that");
            final SpaceTime end = recorder.spaceTime().last(3);
            assertThat(end.events())
                    .extracting(Event::kind)
                    .containsExactly(Kind.STARTED, Kind.ROLE, Kind.SEND, Kind.RECEIVE, Kind.RECEIVE);
            assertThat(end.messages()).hasSize(1);
            assertThat(end.messages().get(0).sentEvent()).isEqualTo(2);
            assertThat(end.messages().get(0).receivedEvent()).isEqualTo(4);
            assertThat(end.violation().event()).isEqualTo(4);
            assertThat(end.notes()).containsExactly("the last 5 of 7 events");
        }

        @Test
        void are_all_if_there_are_no_more() {
            recorder.happened(1, 0, Kind.STARTED, "");
            final SpaceTime run = recorder.spaceTime();
            assertThat(run.last(1)).isSameAs(run);
        }
    }

    @Nested
    class A_run_is_refused {
        @Test
        void if_a_message_is_received_by_another_than_it_was_sent_to() {
            recorder.sent(1, 0, 2, prepare());
            recorder.received(0, 1);
            final SpaceTime run = recorder.spaceTime();
            final Message wrong = new Message(0, 1, 3, 0, 1, Message.NONE, "", prepare());
            assertThatThrownBy(() -> new SpaceTime(
                            "", List.of(), run.lifelines(), run.events(), List.of(wrong), List.of(), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("does not fit its events");
        }

        @Test
        void if_its_events_are_out_of_order() {
            recorder.happened(1, 5, Kind.CLIENT, "");
            recorder.happened(1, 6, Kind.CLIENT, "");
            final SpaceTime run = recorder.spaceTime();
            final List<Event> turned = List.of(run.events().get(1), run.events().get(0));
            assertThatThrownBy(() -> new SpaceTime("", List.of(), run.lifelines(), turned, List.of(), List.of(), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("out of order");
        }
    }

    private static MessageText prepare() {
        return new MessageText("prepare", B21, 1, 0, Map.of());
    }

    private static BitSet ids(final int... ids) {
        final BitSet set = new BitSet();
        for (final int id : ids) {
            set.set(id);
        }
        return set;
    }
}
