package io.paxos.testkit.contract.transport;

import io.paxos.spi.Transport;
import io.paxos.testkit.memory.RecordedMessage;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;

/**
 * What every {@link Transport} must keep, as jqwik properties. Extend it, open your transport in {@link #open}, and run
 * the tests.
 *
 * <pre>{@code
 * class MyTransportTest extends TransportContract {
 *     @Override
 *     protected Transport open(int self, Set<Integer> members) {
 *         return new MyTransport(self, addresses(members));
 *     }
 * }
 * }</pre>
 *
 * <p>A failure begins with the promise that was broken, in one message; jqwik adds the seed and the smallest list of
 * {@link Send} that it could find. The transport is called on threads of the contract's own, each by one, and each call
 * must return within {@link #patience}: a transport that hangs fails and does not hang the build.
 */
public abstract class TransportContract {
    private static final int MEMBERS = 3;
    private static final int SENDS_MAX = 40;
    private static final int SHORT_VALUE_BYTES = 2_000;
    private static final int ABSENT_SENDS = 1_000;
    private static final int FLOOD_BYTES = 32 << 20;
    private static final int FLOOD_VALUE_BYTES = 16 << 10;
    private static final int FLOOD_SENDS_MAX = 50_000;
    private static final int LEAK_ROUNDS = 6;
    private static final int STRANGER = 999; // no member
    private static final long ARRIVAL_NS = 5_000_000;

    private final Tries tries = new Tries(); // one instance serves all tries of a property

    /**
     * Opens the transport of one member. Called again for a member that was closed; which address belongs to which
     * member must not change in between. The first call for one member may come before the others are open.
     *
     * @param self the member, 1..3
     * @param members all members, {@code self} among them
     */
    protected abstract Transport open(int self, Set<Integer> members);

    /** What it promises beyond the minimum; nothing, unless overridden, and values of 1,024 bytes. */
    protected TransportCapabilities capabilities() {
        return TransportCapabilities.datagrams(1_024);
    }

    /** How long to wait for what must happen before calling it a failure: 20 s. */
    protected Duration patience() {
        return Duration.ofSeconds(20);
    }

    /**
     * Waits for the try that still runs. jqwik shrinks on another thread, and leaves it alone after some seconds; its
     * members would go on beside those of the next property.
     */
    @AfterProperty
    public final void endTries() {
        tries.end();
    }

    /** Messages between three members arrive unaltered, at the right receiver, as often as promised. */
    @Property(tries = 40)
    public void nothing_is_invented_altered_or_misdelivered(@ForAll("sends") final List<Send> sends) {
        run(MEMBERS, fixture -> {
            fixture.connected();
            for (final Send send : sends) {
                fixture.sendAll(List.of(send));
                if (send.flush()) {
                    fixture.turn();
                }
            }
            fixture.quiet();
        });
    }

    /**
     * A burst arrives completely if the transport is lossless, in order if it is ordered, and each message at most once
     * if it is free of duplicates.
     */
    @Property(tries = 40)
    public void a_burst_arrives_as_completely_and_in_the_order_promised(@ForAll("sends") final List<Send> sends) {
        run(MEMBERS, fixture -> {
            final List<RecordedMessage> sent = fixture.connected().sendAll(sends);
            if (fixture.capabilities().lossless()) {
                fixture.requireReceived(sent);
            }
            fixture.quiet();
        });
    }

    /** A lossless transport has room for as many bytes as it promises, in long messages or in short ones. */
    @Property(tries = 6)
    public void a_lossless_transport_has_room_for_a_full_burst(@ForAll("lengths") final int length) {
        final TransportCapabilities promised = capabilities();
        if (!promised.lossless()) {
            return;
        }
        final int count = promised.burstBytes() / (TransportCapabilities.MESSAGE_BYTES + Math.max(Long.BYTES, length));
        run(2, fixture -> {
            fixture.connected();
            fixture.requireReceived(
                    fixture.sendAll(Collections.nCopies(count, new Send(1, 2, "accept", 1, 2, 3, length, false))));
        });
    }

    /** Every kind of message arrives, with every field, if it is sent often enough. */
    @Property
    public void each_message_arrives_as_it_was_sent(@ForAll("messages") final String message) {
        run(2, fixture -> {
            fixture.connected();
            final long max = Long.MAX_VALUE;
            fixture.reach(
                    TransportPromise.REACHES,
                    List.of(
                            new Send(1, 2, message, 0, 0, 0, 0, true),
                            new Send(2, 1, message, 1, 2, 3, 1, true),
                            new Send(1, 2, message, 1L << 16 | 3, 1L << 33, 1L << 62, 1_000, true),
                            new Send(2, 1, message, max, max, max, 17, true)));
        });
    }

    /** The longest value passes with every message that carries one. */
    @Example
    public void values_up_to_the_longest_are_carried() {
        run(2, fixture -> {
            final int longest = fixture.connected().member(1).valueLengthMax();
            if (longest < capabilities().valueLengthMax()) {
                throw TransportPromise.VALUE_LENGTH.broken("valueLengthMax() is " + longest + ", declared are "
                        + capabilities().valueLengthMax());
            }
            for (final String message : RecordedMessage.names()) {
                if (RecordedMessage.hasPayload(message)) {
                    fixture.reach(TransportPromise.VALUE_LENGTH, Send.of(1, 2, message, longest));
                    fixture.reach(TransportPromise.VALUE_LENGTH, Send.of(2, 1, message, longest - 1));
                }
            }
        });
    }

    /** A value that is much too long does not arrive, not even in part. The messages after it do. */
    @Example
    public void a_longer_value_is_dropped_or_refused() {
        run(2, fixture -> {
            final int tooLong = 2 * fixture.connected().member(1).valueLengthMax() + 1_024;
            for (final String message : RecordedMessage.names()) {
                if (RecordedMessage.hasPayload(message)) {
                    final Send send = Send.of(1, 2, message, tooLong);
                    final RecordedMessage sent = fixture.member(1).send(send);
                    fixture.quiet();
                    if (fixture.deliveries().isReceived(sent)) {
                        throw TransportPromise.TOO_LONG.broken("[" + send + "] was received, and valueLengthMax() is "
                                + fixture.member(1).valueLengthMax());
                    }
                }
            }
            fixture.connect();
        });
    }

    /** A payload stays as it is until the receiver returns, even if the receiver sends in the meantime. */
    @Example
    public void a_payload_stays_as_it_is_while_the_receiver_sends() {
        run(2, fixture -> {
            fixture.connected();
            fixture.member(2).onReceived(() -> fixture.member(2).send(new Send(2, 1, "accept", 7, 7, 7, 300, false)));
            for (final String message : RecordedMessage.names()) {
                fixture.reach(TransportPromise.REACHES, Send.of(1, 2, message, 200));
            }
            fixture.quiet();
        });
    }

    /** However much has arrived, a poll delivers about as many messages as its limit. */
    @Example
    public void a_poll_keeps_about_to_its_limit() {
        run(2, PollLimit::require);
    }

    /**
     * A receiver that is not open yet, is closed, or is no member costs the others nothing. A member can open later, or
     * again.
     */
    @Example
    public void an_absent_peer_blocks_nothing_throws_nothing_and_can_come_back() {
        run(MEMBERS, fixture -> {
            fixture.open(1);
            fixture.open(2);
            sendInVain(fixture, 3);
            fixture.connect();
            fixture.open(3);
            fixture.connect();
            fixture.member(3).close();
            sendInVain(fixture, 3);
            fixture.reach(TransportPromise.REACHES, Send.ping(1, 2));
            fixture.open(3);
            fixture.reach(TransportPromise.COMES_BACK, List.of(Send.ping(3, 1), Send.ping(1, 3), Send.ping(2, 3)));
            fixture.quiet();
        });
    }

    private static void sendInVain(final TransportFixture fixture, final int absent) {
        for (int i = 0; i < ABSENT_SENDS; i++) {
            fixture.member(1).send(new Send(1, absent, "accept", i, i, i, i, i % 10 == 0));
            fixture.member(1).send(new Send(1, STRANGER, "ping", i, i, i, 0, false));
        }
        fixture.turn();
        fixture.turn();
    }

    /** A member that does not poll loses the messages that do not fit, and costs the others nothing. */
    @Example
    public void a_full_peer_blocks_nothing_and_throws_nothing() {
        run(MEMBERS, fixture -> {
            fixture.connected();
            final int length = Math.min(FLOOD_VALUE_BYTES, fixture.member(1).valueLengthMax());
            final int count = Math.min(FLOOD_SENDS_MAX, FLOOD_BYTES / length);
            for (int i = 0; i < count; i++) {
                fixture.member(1).send(new Send(1, 2, "learn", i, i, i, length, i % 16 == 0));
                fixture.member(1).poll(TransportFixture.POLL_LIMIT);
            }
            fixture.reach(TransportPromise.REACHES, List.of(Send.ping(1, 3), Send.ping(3, 1), Send.ping(1, 2)));
            fixture.quiet();
        });
    }

    /** After close nothing is delivered and nothing is sent. A second close does nothing. */
    @Example
    public void nothing_is_delivered_or_sent_after_close() {
        run(2, fixture -> {
            fixture.connected();
            for (int i = 0; i < 10; i++) {
                fixture.member(1).send(Send.of(1, 2, "forward", 100));
            }
            final Member two = fixture.member(2);
            two.await(TransportPromise.WAKES_ON_ARRIVAL, ARRIVAL_NS);
            two.close();
            for (int i = 0; i < 10; i++) {
                two.poll(TransportFixture.POLL_LIMIT);
                two.send(Send.ping(2, 1));
                fixture.turn();
            }
            fixture.quiet();
            two.wakeup();
            two.close();
        });
    }

    /** A message is delivered only after the card of its sender, byte for byte, was confirmed. */
    @Example
    public void a_sender_is_confirmed_before_its_first_message() {
        run(MEMBERS, CheckedHandshakes::requireConfirmation);
    }

    /** Nothing passes between two members if one refuses the other. Later it can admit it. */
    @Example
    public void nothing_is_delivered_between_members_that_refuse_each_other() {
        run(2, CheckedHandshakes::requireRefusal);
    }

    /** The others learn a changed card before the next message of the member that changed it. */
    @Example
    public void a_changed_card_is_told_before_the_next_message() {
        run(MEMBERS, CheckedHandshakes::requireNewCard);
    }

    /** A wake-up before the wait ends it. Several wake-ups do too. */
    @Example
    public void a_wakeup_before_the_wait_ends_it() {
        run(1, fixture -> {
            final Member one = fixture.open(1);
            one.wakeup();
            one.await(TransportPromise.WAKES, Waits.FOREVER_NS);
            one.poll(TransportFixture.POLL_LIMIT);
            one.wakeup();
            one.wakeup();
            one.await(TransportPromise.WAKES, Waits.FOREVER_NS);
        });
    }

    /** A wait does not outlast its time by much. */
    @Example
    public void the_time_ends_the_wait() {
        run(1, fixture -> {
            final Member one = fixture.open(1);
            for (final long timeoutNs : new long[] {-1, 0, 1, 1_000_000, 10_000_000}) {
                one.await(TransportPromise.TIMES_OUT, timeoutNs);
            }
        });
    }

    /** A wake-up from another thread is not lost, wherever the waiter is at that moment. */
    @Example
    public void no_wakeup_is_lost() {
        run(1, Waits::requireNoneLost);
    }

    /**
     * A message that arrives ends the wait. The sender sends it once if the transport is lossless, and every few
     * milliseconds if it is not.
     */
    @Example
    public void an_arrival_ends_the_wait() {
        run(2, Waits::requireArrivalEndsIt);
    }

    /** Opening and closing many times leaves no thread and no file descriptor behind. */
    @Example
    public void close_gives_everything_back() {
        Leaks.requireNone(() -> run(2, TransportFixture::connected), LEAK_ROUNDS, patienceNs());
    }

    /**
     * Three replicas over it agree, with loss, duplicates, delays and reordering on top, and converge afterwards. If
     * they do not, a space-time diagram shows their messages.
     */
    @Property(tries = 4, shrinking = ShrinkingMode.OFF)
    public void replicas_agree_over_it_whatever_the_network_does(@ForAll("faults") final TransportFaults faults) {
        run(MEMBERS, fixture -> Agreement.require(getClass().getSimpleName(), fixture, this::open, faults));
    }

    /** Up to 40 messages between three members. */
    @Provide
    public Arbitrary<List<Send>> sends() {
        final Arbitrary<Long> longs = Arbitraries.longs().greaterOrEqual(0);
        final Arbitrary<Integer> from = Arbitraries.integers().between(1, MEMBERS);
        final Arbitrary<Integer> step = Arbitraries.integers().between(1, MEMBERS - 1);
        final Arbitrary<Boolean> flush = Arbitraries.of(true, false);
        return Combinators.combine(from, step, messages(), longs, longs, longs, lengths(), flush)
                .as((sender, steps, message, a, b, c, length, isFlush) ->
                        new Send(sender, (sender - 1 + steps) % MEMBERS + 1, message, a, b, c, length, isFlush))
                .list()
                .ofMaxSize(SENDS_MAX)
                .withSizeDistribution(RandomDistribution.uniform()); // short ones alone would miss what seldom breaks
    }

    /** Lengths of payloads in bytes: mostly short, now and then up to the longest declared. */
    @Provide
    public Arbitrary<Integer> lengths() {
        final int longest = capabilities().valueLengthMax();
        return Arbitraries.frequencyOf(
                Tuple.of(15, Arbitraries.integers().between(0, Math.min(SHORT_VALUE_BYTES, longest))),
                Tuple.of(1, Arbitraries.integers().between(0, longest)));
    }

    /** The names of all messages. */
    @Provide
    public Arbitrary<String> messages() {
        return Arbitraries.of(RecordedMessage.names());
    }

    /** From a calm network to one that loses every fourth message. */
    @Provide
    public Arbitrary<TransportFaults> faults() {
        return Combinators.combine(
                        Arbitraries.longs(),
                        Arbitraries.integers().between(0, 25),
                        Arbitraries.integers().between(0, 25),
                        Arbitraries.integers().between(0, 60),
                        Arbitraries.integers().between(0, 30))
                .as(TransportFaults::new);
    }

    private long patienceNs() {
        return tries.patienceNs(patience().toNanos());
    }

    private void run(final int members, final Consumer<TransportFixture> body) {
        final TransportFixture fixture = new TransportFixture(this::open, capabilities(), patienceNs(), members);
        tries.run(patience().toNanos(), () -> Watchdog.run(fixture, body));
    }
}
