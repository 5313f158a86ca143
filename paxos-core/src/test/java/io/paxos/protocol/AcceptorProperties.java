package io.paxos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Probe;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;

/**
 * Every case of an acceptor, as a table: how the ballot compares with the promise, where the slot lies, and what was
 * accepted there before. Acceptor 1 receives messages from 2 and 3; ballots 2.2 and 3.3 lie around the promise.
 */
class AcceptorProperties {
    enum Asked {
        BELOW_PROMISE(Ballot.of(2, 3)),
        AT_PROMISE(Ballot.of(3, 3)),
        ABOVE_PROMISE(Ballot.of(4, 3));

        private final long ballot;

        Asked(final long ballot) {
            this.ballot = ballot;
        }
    }

    enum Place {
        CHOSEN(4),
        OPEN(6),
        LAST_OF_WINDOW(13),
        ABOVE_WINDOW(14);

        private final long slot;

        Place(final long slot) {
            this.slot = slot;
        }
    }

    enum Before {
        NOTHING(Ballot.NONE),
        OLDER(Ballot.of(1, 2)),
        SAME_AS_PROMISE(Ballot.of(3, 3));

        private final long ballot;

        Before(final long ballot) {
            this.ballot = ballot;
        }
    }

    private static final long PROMISED = Ballot.of(3, 3);
    private static final long CHOSEN_THROUGH = 5;
    private static final int WINDOW = 8;
    private static final Configuration CONFIGURATION = Configuration.first(1, Members.of(1, 2, 3), Quorums.majority(3));

    private final SentMessages sent = new SentMessages();
    private final ManualLog log = new ManualLog();

    private Acceptor acceptor(final Place place, final Before before) {
        if (before == Before.OLDER) {
            log.promise(before.ballot);
        } else {
            log.promise(PROMISED);
        }
        if (before != Before.NOTHING) {
            log.accept(before.ballot, place.slot, 0, SentMessages.value("old"), 0, 3);
        }
        log.promise(PROMISED);
        return new Acceptor(CONFIGURATION, log, sent, Probe.NONE, WINDOW);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void phase_2b_accepts_unless_a_higher_ballot_was_promised(
            @ForAll final Asked asked, @ForAll final Place place, @ForAll final Before before) {
        if (place == Place.CHOSEN && before == Before.NOTHING) {
            return; // cannot be: the value of a slot known chosen is in the log
        }
        final AcceptorProperties table = new AcceptorProperties();
        table.checkAccept(asked, place, before);
    }

    private void checkAccept(final Asked asked, final Place place, final Before before) {
        final Acceptor acceptor = acceptor(place, before);
        final long appended = log.appendedPosition();

        acceptor.accept(3, asked.ballot, place.slot, CHOSEN_THROUGH, SentMessages.value("old"), 0, 3);

        if (asked == Asked.BELOW_PROMISE) {
            assertThat(sent.take()).containsExactly("now 3 reject 1 " + PROMISED + " " + place.slot);
            assertThat(log.appendedPosition()).isEqualTo(appended);
        } else if (place == Place.ABOVE_WINDOW) {
            assertThat(sent.take()).isEmpty();
            assertThat(log.appendedPosition()).isEqualTo(appended);
        } else {
            assertThat(sent.take())
                    .containsExactly("afterSync 3 accepted 1 " + asked.ballot + " " + place.slot + " " + place.slot);
            assertThat(log.acceptedBallot(place.slot)).isEqualTo(asked.ballot);
            final boolean isRepeat = before.ballot == asked.ballot;
            final int promises = asked == Asked.ABOVE_PROMISE ? 1 : 0;
            assertThat(log.appendedPosition()).isEqualTo(appended + promises + (isRepeat ? 0 : 1));
        }
        assertThat(acceptor.promised()).isEqualTo(Math.max(PROMISED, log.promised()));
        assertThat(acceptor.promised()).isGreaterThanOrEqualTo(PROMISED);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void phase_1b_promises_and_reports_what_was_accepted(
            @ForAll final Asked asked, @ForAll final Place place, @ForAll final Before before) {
        final AcceptorProperties table = new AcceptorProperties();
        table.checkPrepare(asked, place, before);
    }

    private void checkPrepare(final Asked asked, final Place place, final Before before) {
        final Acceptor acceptor = acceptor(place, before);

        acceptor.prepare(3, asked.ballot, 1, CHOSEN_THROUGH);

        if (asked == Asked.BELOW_PROMISE) {
            assertThat(sent.take()).containsExactly("now 3 reject 1 " + PROMISED + " 1");
            assertThat(acceptor.promised()).isEqualTo(PROMISED);
            return;
        }
        final long lastSlot = before == Before.NOTHING ? CHOSEN_THROUGH : Math.max(CHOSEN_THROUGH, place.slot);
        final var lines = sent.take();
        assertThat(lines.get(0))
                .isEqualTo("afterSync 3 promise 1 " + asked.ballot + " " + CHOSEN_THROUGH + " " + lastSlot);
        assertThat(lines).hasSize(1 + (int) (lastSlot - CHOSEN_THROUGH));
        for (long slot = CHOSEN_THROUGH + 1; slot <= lastSlot; slot++) {
            final String content = slot == place.slot ? before.ballot + " 'old'" : Ballot.NONE + " ''";
            assertThat(lines.get((int) (slot - CHOSEN_THROUGH)))
                    .isEqualTo("afterSync 3 report 1 " + asked.ballot + " " + slot + " " + content);
        }
        assertThat(log.promised()).isEqualTo(asked.ballot);
    }

    /** L5: RATIS-2605, aeron #2147: ballot and slot name the content, so a vote needs no more. */
    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_second_value_in_one_ballot_and_slot_is_fatal(@ForAll final boolean sameLength) {
        final AcceptorProperties table = new AcceptorProperties();
        final Acceptor acceptor = table.acceptor(Place.OPEN, Before.SAME_AS_PROMISE);
        final String other = sameLength ? "new" : "newer";

        assertThatThrownBy(() -> acceptor.accept(
                        3, PROMISED, Place.OPEN.slot, CHOSEN_THROUGH, SentMessages.value(other), 0, other.length()))
                .isInstanceOf(Safety.BrokenRule.class)
                .hasMessageContaining("one value per ballot and slot");
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void another_value_for_a_chosen_slot_is_fatal(@ForAll final Asked asked) {
        final AcceptorProperties table = new AcceptorProperties();
        final Acceptor acceptor = table.acceptor(Place.CHOSEN, Before.OLDER);
        if (asked == Asked.BELOW_PROMISE) {
            return; // refused anyway
        }

        assertThatThrownBy(() -> acceptor.accept(
                        3, asked.ballot, Place.CHOSEN.slot, CHOSEN_THROUGH, SentMessages.value("new"), 0, 3))
                .isInstanceOf(Safety.BrokenRule.class)
                .hasMessageContaining("a chosen value never changes");
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void a_chosen_value_replaces_what_an_older_ballot_left(@ForAll final Place place, @ForAll final Before before) {
        final AcceptorProperties table = new AcceptorProperties();
        final Acceptor acceptor = table.acceptor(place, before);
        final long learned = Ballot.of(2, 2);

        acceptor.store(learned, place.slot, CHOSEN_THROUGH, SentMessages.value("old"), 0, 3);

        assertThat(table.log.acceptedBallot(place.slot)).isEqualTo(Math.max(before.ballot, learned));
        assertThat(acceptor.promised()).isEqualTo(PROMISED);
        assertThat(table.sent.take()).isEmpty();
    }
}
