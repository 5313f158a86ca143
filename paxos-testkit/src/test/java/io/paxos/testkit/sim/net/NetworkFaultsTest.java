package io.paxos.testkit.sim.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.protocol.Ballot;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.schedule.Trace;
import io.paxos.transport.wire.MessageCapture;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Faults of the simulated network beyond loss: shapes, clogged and narrow links, changed bytes. */
class NetworkFaultsTest implements SimNetwork.Receiver {
    private static final int MEMBERS = 5;
    private static final long MS = 1_000_000;

    private final EventQueue events = new EventQueue();
    private final Situations situations = new Situations();
    private final PacketPool pool = new PacketPool();
    private final List<String> arrived = new ArrayList<>();
    private final List<Long> timesNs = new ArrayList<>();
    private final SimNetwork network = new SimNetwork(
            MEMBERS, 4096, events, new SimRandom(5), pool, new Trace(events), PacketObserver.NONE, situations);

    @Override
    public boolean arrived(final Packet packet) {
        timesNs.add(events.nowNs());
        return arrived.add(packet.toString());
    }

    @Nested
    class Shapes {
        @Test
        void a_star_leaves_the_links_of_its_hub() {
            network.star(2);
            assertThat(links()).containsExactly("1-2", "2-1", "2-3", "2-4", "2-5", "3-2", "4-2", "5-2");
        }

        @Test
        void a_chain_leaves_the_links_of_neighbours() {
            network.chain(4); // 4 5 1 2 3
            assertThat(links()).containsExactly("1-2", "1-5", "2-1", "2-3", "3-2", "4-5", "5-1", "5-4");
        }

        @Test
        void a_shape_replaces_the_one_before() {
            network.star(1).chain(1);
            assertThat(links()).containsExactly("1-2", "2-1", "2-3", "3-2", "3-4", "4-3", "4-5", "5-4");
            network.heal();
            assertThat(links()).hasSize(MEMBERS * (MEMBERS - 1));
        }

        @Test
        void a_deafened_member_still_sends_and_a_muted_member_still_receives() {
            network.deafen(1).mute(5);
            assertThat(links())
                    .contains("1-2", "2-5", "1-5")
                    .doesNotContain("2-1", "5-1", "5-2")
                    .hasSize(MEMBERS * (MEMBERS - 1) - 7);
        }

        private List<String> links() {
            final List<String> links = new ArrayList<>();
            for (int from = 1; from <= MEMBERS; from++) {
                for (int to = 1; to <= MEMBERS; to++) {
                    arrived.clear();
                    if (from != to) {
                        ping(from, to, 1);
                        run();
                        arrived.forEach(
                                packet -> links.add(packet.substring(0, 4).replace("->", "-")));
                    }
                }
            }
            return links;
        }
    }

    @Test
    void a_clogged_link_gives_everything_once_it_is_free() {
        network.delays().clog(1, 2, 10 * MS);
        for (int i = 0; i < 10; i++) {
            ping(1, 2, i);
            ping(2, 1, i);
        }
        events.runNext(0);
        run();
        assertThat(arrived).hasSize(20);
        for (int i = 0; i < 20; i++) {
            if (arrived.get(i).startsWith("1->2")) {
                assertThat(timesNs.get(i)).isGreaterThan(10 * MS);
            } else {
                assertThat(timesNs.get(i)).isLessThan(10 * MS);
            }
        }
        assertThat(situations.count(Situation.LINK_CLOGGED)).isEqualTo(10);
    }

    @Test
    void a_far_link_takes_longer_for_each_packet_until_the_network_heals() {
        network.delays().far(1, 2, 400 * MS);
        ping(1, 2, 1);
        ping(2, 1, 2);
        run();
        assertThat(timesNs.get(0)).isLessThan(10 * MS);
        assertThat(timesNs.get(1)).isBetween(400 * MS, 410 * MS);
        network.heal();
        ping(1, 2, 3);
        run();
        assertThat(timesNs.get(2) - timesNs.get(1)).isLessThan(10 * MS);
    }

    @Test
    void a_link_with_a_rate_carries_one_packet_after_another() {
        network.ordered(true).delays().rate(10_000);
        for (int i = 0; i < 100; i++) {
            ping(1, 2, i);
        }
        final long bytes = 100L * length(1, 2);
        run();
        assertThat(timesNs.get(99)).isBetween(bytes * MS / 10, bytes * MS / 10 + 10 * MS);
    }

    @Test
    void two_members_are_linked_if_packets_pass_in_both_directions() {
        assertThat(network.isLinked(1, 2)).isTrue();
        network.cut(2, 1);
        assertThat(network.isLinked(1, 2)).isFalse();
        assertThat(network.isLinked(2, 1)).isFalse();
    }

    @Test
    void a_narrow_link_takes_so_many_at_a_time() {
        network.capacity(3);
        for (int i = 0; i < 10; i++) {
            ping(1, 2, i);
            ping(1, 3, i);
        }
        run();
        assertThat(arrived).hasSize(6);
        assertThat(situations.count(Situation.LINK_FULL)).isEqualTo(14);
        ping(1, 2, 11);
        run();
        assertThat(arrived).hasSize(7);
    }

    @Test
    void changed_bytes_are_never_delivered_as_another_message() {
        network.corrupts(1_000_000);
        final UnsafeBuffer value = new UnsafeBuffer(new byte[200]);
        final List<String> sent = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            network.receiver(2, this);
            final Packet packet = pool.take().to(2);
            if (i % 2 == 0) {
                new MessageCapture(packet::set).sender().accept(1, Ballot.of(1, 1), i, i - 1, value, 0, i % 200);
            } else {
                new MessageCapture(packet::set).sender().accepted(1, Ballot.of(1, 1), i, i);
            }
            sent.add(packet.toString());
            network.send(packet);
            run();
        }
        assertThat(sent).containsAll(arrived); // a second flip can undo the first
        assertThat(arrived).hasSizeLessThan(200);
        assertThat(situations.count(Situation.CORRUPTED_PACKET_DROPPED)).isEqualTo(20_000 - arrived.size());
    }

    private int length(final int from, final int to) {
        final Packet packet = pool.take().to(to);
        new MessageCapture(packet::set).sender().ping(from, 1);
        final int length = packet.length();
        pool.give(packet);
        return length;
    }

    private void ping(final int from, final int to, final int round) {
        network.receiver(to, this);
        final Packet packet = pool.take().to(to);
        new MessageCapture(packet::set).sender().ping(from, round);
        network.send(packet);
    }

    private void run() {
        while (events.size() > 0) {
            events.runNext(Long.MAX_VALUE);
        }
    }
}
