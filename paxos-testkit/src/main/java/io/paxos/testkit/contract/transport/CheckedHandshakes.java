package io.paxos.testkit.contract.transport;

import io.paxos.spi.Handshake;
import io.paxos.testkit.contract.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The handshakes of all members of one network, and the properties about them. A transport that does not carry a
 * handshake passes each of them.
 */
final class CheckedHandshakes {
    private static final int[] CARD_LENGTHS = {Handshake.CARD_LENGTH_MAX, 100, 1}; // of member 1, 2 and 3
    private static final int REFUSED_ROUNDS = 30;

    private final TransportFixture fixture;
    private final Map<Integer, Half> halves = new HashMap<>(); // by member
    private final Map<Integer, List<byte[]>> cards = new HashMap<>(); // by member: all that it gave, the newest last
    private boolean isNewestRequired; // no message under way belongs to an older card

    private CheckedHandshakes(final TransportFixture fixture) {
        this.fixture = fixture;
    }

    /** Every message comes from a member whose card, as it was given, was confirmed before. */
    static void requireConfirmation(final TransportFixture fixture) {
        final CheckedHandshakes handshakes = new CheckedHandshakes(fixture);
        if (handshakes.openAll()) {
            fixture.connect();
            fixture.quiet();
        }
    }

    /** Of a member that is refused when it is admitted or confirmed nothing is delivered; later it is admitted. */
    static void requireRefusal(final TransportFixture fixture) {
        final CheckedHandshakes handshakes = new CheckedHandshakes(fixture);
        if (!handshakes.openAll()) {
            return;
        }
        final Half two = handshakes.halves.get(2);
        for (final Set<Integer> refused : List.of(two.notAdmitted, two.notConfirmed)) {
            refused.add(1);
            handshakes.changeCard(1); // so that it is judged anew
            if (!fixture.until(() -> handshakes.pingBothWays() && two.isJudged)) {
                throw TransportPromise.VERDICT.broken("member 2 was not asked whether it takes messages of member 1");
            }
            for (int round = 0; round < REFUSED_ROUNDS; round++) {
                handshakes.pingBothWays();
                fixture.turn();
            }
            fixture.quiet();
            refused.clear();
            fixture.connect();
        }
    }

    /** Once a member has given another card, its next message is delivered after that card was confirmed. */
    static void requireNewCard(final TransportFixture fixture) {
        final CheckedHandshakes handshakes = new CheckedHandshakes(fixture);
        if (!handshakes.openAll()) {
            return;
        }
        fixture.connect();
        fixture.quiet();
        handshakes.changeCard(1);
        handshakes.isNewestRequired = true;
        fixture.connect();
        fixture.quiet();
    }

    /** Opens all members; false if their transport does not carry a handshake. */
    private boolean openAll() {
        boolean isCarried = true;
        for (final int id : fixture.ids()) {
            halves.put(id, new Half(id));
            cards.put(id, new ArrayList<>());
            give(id, CARD_LENGTHS[id - 1]);
        }
        for (final int id : fixture.ids()) {
            isCarried &= fixture.open(id).handshake(halves.get(id));
        }
        return isCarried;
    }

    private boolean pingBothWays() {
        fixture.member(1).send(Send.ping(1, 2));
        fixture.member(2).send(Send.ping(2, 1));
        return true;
    }

    private void give(final int member, final int length) {
        final byte[] card = new byte[length];
        new Random(member * 31L + cards.get(member).size()).nextBytes(card);
        cards.get(member).add(card);
    }

    private void changeCard(final int member) {
        halves.values().forEach(half -> half.isJudged = false);
        give(member, 77 + cards.get(member).size());
        fixture.member(member).handshake(halves.get(member));
    }

    private byte[] newest(final int member) {
        final List<byte[]> given = cards.get(member);
        return given.get(given.size() - 1);
    }

    /** What one member says of itself, whom it refuses, and whom it has confirmed. */
    final class Half implements Handshake {
        private final int self;
        private final Set<Integer> notAdmitted = new HashSet<>();
        private final Set<Integer> notConfirmed = new HashSet<>();
        private final Map<Integer, byte[]> confirmed = new HashMap<>(); // by peer: its newest card that was confirmed
        private boolean isJudged; // it has refused or confirmed somebody since a card was changed

        Half(final int self) {
            this.self = self;
        }

        @Override
        public int card(final int peer, final MutableDirectBuffer buffer, final int offset) {
            buffer.putBytes(offset, newest(self));
            return newest(self).length;
        }

        @Override
        public String admit(final int peer, final DirectBuffer card, final int offset, final int length) {
            checkCard(peer, bytes(card, offset, length));
            isJudged |= notAdmitted.contains(peer);
            return notAdmitted.contains(peer) ? "not admitted by the contract" : null;
        }

        @Override
        public String confirm(final int peer, final DirectBuffer card, final int offset, final int length) {
            final byte[] bytes = bytes(card, offset, length);
            checkCard(peer, bytes);
            isJudged |= notConfirmed.contains(peer);
            if (notConfirmed.contains(peer)) {
                return "not confirmed by the contract";
            }
            confirmed.put(peer, bytes);
            return null;
        }

        private byte[] bytes(final DirectBuffer card, final int offset, final int length) {
            final byte[] bytes = new byte[length];
            card.getBytes(offset, bytes);
            return bytes;
        }

        private void checkCard(final int peer, final byte[] card) {
            final List<byte[]> given = cards.getOrDefault(peer, List.of());
            if (given.stream().noneMatch(one -> Arrays.equals(one, card))) {
                fixture.deliveries()
                        .broken(
                                TransportPromise.CARD,
                                "member " + self + " was told a card of member " + peer + " that it never gave: "
                                        + Bytes.text(card));
            }
        }

        /** A message of this peer is delivered. */
        void received(final int peer) {
            final String seen = "member " + self + " received a message of member " + peer;
            final byte[] card = confirmed.get(peer);
            if (notAdmitted.contains(peer)
                    || notConfirmed.contains(peer)
                    || halves.get(peer).notAdmitted.contains(self)) {
                fixture.deliveries().broken(TransportPromise.VERDICT, seen + ", one of which refuses the other");
            } else if (card == null) {
                fixture.deliveries().broken(TransportPromise.CONFIRMED, seen + ", whose card it did not confirm");
            } else if (isNewestRequired && !Arrays.equals(card, newest(peer))) {
                fixture.deliveries()
                        .broken(TransportPromise.NEW_CARD, seen + ", of which it has confirmed an old card");
            }
        }
    }
}
