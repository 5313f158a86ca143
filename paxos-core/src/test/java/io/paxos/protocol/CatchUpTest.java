package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** How a member that is behind fetches chosen values from several others at once. F8: one fetch at a time. */
class CatchUpTest {
    private static final Pattern FETCH = Pattern.compile("now (\\d) fetch 1 (\\d+) (\\d+)");
    private static final DirectBuffer X = SentMessages.value("x");
    private static final DirectBuffer LONG = new UnsafeBuffer(new byte[64 << 10]);
    private static final int WINDOW = 1_024;
    private static final int ROUND_TRIPS = 6;
    private static final long LEADERS = Ballot.of(3, 2);

    private record Fetch(int to, long from, long through) {}

    private final ProtocolFixture fixture = new ProtocolFixture(1, WINDOW, 1, 2, 3, 4);

    private void knows(final int member, final long chosenThrough) {
        fixture.core.pong(member, fixture.round(), LEADERS, true, chosenThrough);
    }

    /** The fetches that leave now. */
    private List<Fetch> fetches() {
        fixture.core.flushDecisions();
        final List<Fetch> fetches = new ArrayList<>();
        for (final String line : fixture.sent.take()) {
            final Matcher matcher = FETCH.matcher(line);
            if (matcher.matches()) {
                fetches.add(new Fetch(
                        Integer.parseInt(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Long.parseLong(matcher.group(3))));
            }
        }
        return fetches;
    }

    private void answer(final Fetch fetch, final DirectBuffer value) {
        for (long slot = fetch.from; slot <= fetch.through; slot++) {
            answer(fetch.to, slot, value);
        }
    }

    private void answer(final int from, final long slot, final DirectBuffer value) {
        fixture.core.learn(from, LEADERS, slot, value, 0, value.capacity());
    }

    /** Answers all fetches some times, and returns those that are on their way then. */
    private List<Fetch> inFullFlow(final DirectBuffer value) {
        List<Fetch> waiting = fetches();
        for (int i = 0; i < ROUND_TRIPS; i++) {
            final List<Fetch> next = new ArrayList<>();
            for (final Fetch fetch : waiting) {
                answer(fetch, value);
                next.addAll(fetches());
            }
            waiting = next;
        }
        return waiting;
    }

    private static long slots(final List<Fetch> fetches) {
        return fetches.stream()
                .mapToLong(fetch -> fetch.through - fetch.from + 1)
                .sum();
    }

    /** Heartbeats pass the values that a leader has queued for a member, which then asked for them a second time. */
    @Nested
    class What_the_leader_has_sent {
        private void accept(final long slot, final long chosenThrough) {
            fixture.core.accept(2, LEADERS, slot, chosenThrough, X, 0, X.capacity());
        }

        /** F1: each of these values crossed the link of the leader twice. */
        @Test
        void is_not_asked_for_while_it_arrives() {
            for (int slot = 1; slot <= 100; slot++) {
                accept(slot, slot - 1);
                knows(2, 900);
                knows(3, 900);
                assertThat(fetches()).isEmpty();
                fixture.tick();
                fixture.sent.take();
            }
        }

        @Test
        void is_asked_for_at_once_when_a_proposal_of_an_announced_slot_is_missing() {
            accept(1, 0);
            accept(3, 2);
            knows(3, 900);
            assertThat(fetches()).containsExactly(new Fetch(3, 2, 2));
        }

        @Test
        void is_asked_for_when_nothing_has_arrived_for_two_ticks() {
            accept(1, 0);
            knows(3, 10);
            assertThat(fetches()).isEmpty();
            fixture.tick();
            assertThat(fetches()).isEmpty();
            fixture.tick();
            assertThat(fetches()).containsExactly(new Fetch(3, 1, 10));
        }
    }

    @Nested
    class Fetches_on_their_way {
        @Test
        void begin_with_one_and_double_in_each_round_trip() {
            knows(3, 100_000);
            final List<Fetch> first = fetches();
            assertThat(first).containsExactly(new Fetch(3, 1, 256));
            assertThat(fetches()).isEmpty();
            answer(first.get(0), X);
            assertThat(fetches()).containsExactly(new Fetch(3, 257, 512), new Fetch(3, 513, 768));
        }

        @Test
        void are_disjoint_and_bounded_by_number() {
            knows(3, 100_000);
            final List<Fetch> waiting = inFullFlow(X);
            assertThat(waiting).hasSize(Fetches.MAX);
            for (int i = 1; i < waiting.size(); i++) {
                assertThat(waiting.get(i).from).isEqualTo(waiting.get(i - 1).through + 1);
            }
        }

        @Test
        void are_bounded_by_the_bytes_of_their_values() {
            knows(3, 100_000);
            final List<Fetch> waiting = inFullFlow(LONG);
            assertThat(slots(waiting) * LONG.capacity())
                    .isBetween((long) CatchUp.IN_FLIGHT_BYTES / 2, (long) CatchUp.IN_FLIGHT_BYTES);
        }

        @Test
        void are_for_no_slot_that_could_not_be_stored() {
            final ProtocolFixture small = new ProtocolFixture(1, 16, 1, 2, 3);
            small.core.pong(3, small.round(), LEADERS, true, 100_000);
            for (int i = 0; i < 100; i++) {
                small.core.flushDecisions();
                for (final String line : small.sent.take()) {
                    final Matcher matcher = FETCH.matcher(line);
                    if (matcher.matches()) {
                        final long prefix = small.core.chosenThrough();
                        final long from = Long.parseLong(matcher.group(2));
                        final long through = Long.parseLong(matcher.group(3));
                        assertThat(through).isLessThanOrEqualTo(prefix + CatchUp.storedSlots(16));
                        for (long slot = through; slot >= from; slot--) { // the other way round
                            small.core.learn(3, LEADERS, slot, X, 0, 1);
                        }
                        assertThat(small.core.chosenThrough()).isEqualTo(through);
                    }
                }
            }
            assertThat(small.core.chosenThrough()).isGreaterThan(1_000);
        }

        @Test
        void go_to_followers_evenly_and_to_the_leader_for_what_only_it_knows() {
            knows(2, 5_000); // leads
            knows(3, 4_000);
            knows(4, 4_000);
            final List<Fetch> all = new ArrayList<>();
            List<Fetch> waiting = fetches();
            while (!waiting.isEmpty()) {
                all.addAll(waiting);
                final List<Fetch> next = new ArrayList<>();
                for (final Fetch fetch : waiting) {
                    answer(fetch, X);
                    next.addAll(fetches());
                }
                waiting = next;
            }
            assertThat(fixture.core.chosenThrough()).isEqualTo(5_000);
            assertThat(all).filteredOn(fetch -> fetch.to == 2).allMatch(fetch -> fetch.through > 4_000);
            final long third = slots(all.stream().filter(fetch -> fetch.to == 3).toList());
            final long fourth =
                    slots(all.stream().filter(fetch -> fetch.to == 4).toList());
            assertThat(Math.min(third, fourth)).isGreaterThan(1_000);
        }

        @Test
        void wait_for_a_whole_range_while_another_one_is_on_its_way() {
            knows(3, 300);
            answer(fetches().get(0), X);
            final List<Fetch> rest = fetches();
            assertThat(rest).containsExactly(new Fetch(3, 257, 300));
            knows(3, 310);
            assertThat(fetches()).isEmpty();
            knows(3, 700);
            assertThat(fetches()).containsExactly(new Fetch(3, 301, 556));
        }
    }

    @Nested
    class What_is_lost {
        @Test
        void is_asked_again_of_another_member_while_the_rest_goes_on() {
            knows(3, 100_000);
            knows(4, 100_000);
            answer(fetches().get(0), X);
            final List<Fetch> two = fetches();
            assertThat(two).extracting(Fetch::to).containsExactlyInAnyOrder(3, 4);
            final Fetch lost = two.get(0);
            answer(two.get(1), X);
            final List<Fetch> later = new ArrayList<>(fetches());
            assertThat(later).isNotEmpty().doesNotContain(lost);
            for (int tick = 0; tick < 3; tick++) {
                fixture.tick();
                answer(later.get(later.size() - 1), X); // the other member goes on
                later.addAll(fetches());
            }
            assertThat(later).contains(new Fetch(two.get(1).to, lost.from, lost.through));
            assertThat(later.get(later.size() - 1).from).isGreaterThan(lost.through);
        }

        @Test
        void in_the_middle_of_an_answer_is_asked_again_alone() {
            knows(3, 256);
            final Fetch fetch = fetches().get(0);
            for (long slot = fetch.from; slot <= fetch.through; slot++) {
                if (slot < 100 || slot > 103) {
                    answer(3, slot, X);
                }
            }
            fixture.tick();
            fixture.tick();
            knows(3, 257);
            final List<Fetch> again = fetches();
            assertThat(again).hasSize(1);
            assertThat(again.get(0).from).isEqualTo(100);
            answer(3, 100, X);
            answer(3, 101, X);
            answer(3, 102, X);
            answer(3, 103, X);
            assertThat(fixture.core.chosenThrough()).isEqualTo(256);
        }

        @Test
        void is_asked_again_less_and_less_often() {
            final List<Integer> at = new ArrayList<>();
            for (int tick = 0; tick < 100; tick++) {
                knows(3, 100_000); // it is alive, and its answers do not arrive
                if (!fetches().isEmpty()) {
                    at.add(tick);
                }
                fixture.tick();
            }
            assertThat(at).startsWith(0, 2, 6, 14, 30, 46).hasSizeLessThan(11);
        }

        @Test
        void for_want_of_room_is_asked_again_only_after_ticks() {
            knows(3, 100_000);
            fixture.log.fillUp();
            answer(fetches().get(0), LONG);
            assertThat(fetches()).isEmpty();
            fixture.log.freeUp();
            for (int tick = 0; tick < 4; tick++) {
                fixture.tick();
            }
            knows(3, 100_000);
            assertThat(fetches()).extracting(Fetch::from).containsExactly(1L);
        }
    }

    @Nested
    class An_answer {
        @Test
        void that_ends_early_is_followed_by_the_question_for_the_rest_at_once() {
            knows(3, 100_000);
            final Fetch fetch = fetches().get(0);
            for (long slot = 1; slot <= CatchUp.FETCH_BYTES / LONG.capacity(); slot++) {
                answer(fetch.to, slot, LONG);
            }
            assertThat(fetches()).first().isEqualTo(new Fetch(3, 5, 256));
        }

        @Test
        void ends_after_a_bound_of_bytes() {
            for (long slot = 1; slot <= 20; slot++) {
                answer(2, slot, LONG);
            }
            fixture.sync();
            fixture.sent.take();
            fixture.core.fetch(3, 1, 20);
            assertThat(fixture.sent.take()).hasSize(CatchUp.FETCH_BYTES / LONG.capacity());
        }

        @Test
        void from_a_member_that_was_not_asked_is_learned_all_the_same() {
            knows(3, 100_000);
            final Fetch fetch = fetches().get(0);
            answer(new Fetch(4, fetch.from, fetch.through), X);
            assertThat(fixture.core.chosenThrough()).isEqualTo(fetch.through);
            assertThat(fetches()).containsExactly(new Fetch(3, 257, 512));
        }
    }
}
