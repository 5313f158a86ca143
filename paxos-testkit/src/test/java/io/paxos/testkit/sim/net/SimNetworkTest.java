package io.paxos.testkit.sim.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.schedule.Trace;
import io.paxos.transport.wire.MessageCapture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The network delivers, loses, repeats and reorders packets as configured. */
class SimNetworkTest implements SimNetwork.Receiver {
    private final EventQueue events = new EventQueue();
    private final Situations situations = new Situations();

    private final List<String> arrived = new ArrayList<>();
    private final PacketPool pool = new PacketPool();
    private final SimNetwork network =
            new SimNetwork(3, 1024, events, new SimRandom(5), pool, new Trace(events), PacketObserver.NONE, situations);

    @Override
    public boolean arrived(final Packet packet) {
        return arrived.add(packet.toString());
    }

    @Test
    void delivers_what_was_sent() {
        ping(1, 2, 1);
        assertThat(run()).containsExactly("1->2 ping round 0:1");
    }

    @Test
    void loses_and_repeats_about_as_often_as_configured() {
        network.loses(300_000).repeats(500_000);
        for (int i = 0; i < 10_000; i++) {
            ping(1, 2, i);
            run();
        }
        assertThat(arrived).hasSizeBetween(10_000, 11_000);
    }

    @Test
    void reorders_unless_links_are_ordered() {
        for (int i = 0; i < 100; i++) {
            ping(1, 2, i);
        }
        assertThat(run()).isNotEqualTo(arrived.stream().sorted().toList());
        arrived.clear();
        network.ordered(true);
        for (int i = 0; i < 10; i++) {
            ping(1, 2, i);
        }
        assertThat(run()).isSorted();
    }

    @Test
    void cuts_one_direction_of_one_link() {
        network.cut(1, 2);
        ping(1, 2, 1);
        ping(2, 1, 2);
        ping(1, 3, 3);
        ping(3, 2, 4);
        assertThat(run())
                .containsExactlyInAnyOrder("2->1 ping round 0:2", "1->3 ping round 0:3", "3->2 ping round 0:4");
    }

    @Test
    void loses_what_is_on_its_way_over_a_link_that_is_cut() {
        ping(1, 2, 1);
        network.isolate(2);
        assertThat(run()).isEmpty();
        network.mendAll();
        ping(1, 2, 2);
        assertThat(run()).hasSize(1);
    }

    @Test
    void splits_in_two() {
        network.split(1, 2);
        ping(1, 2, 1);
        ping(1, 3, 2);
        ping(3, 2, 3);
        assertThat(run()).containsExactly("1->2 ping round 0:1");
    }

    @Test
    void drops_the_packets_that_a_filter_selects() {
        network.drops(packet -> packet.field("round") == 1);
        ping(1, 2, 1);
        ping(1, 2, 2);
        assertThat(run()).containsExactly("1->2 ping round 0:2");
    }

    private void ping(final int from, final int to, final int round) {
        network.receiver(to, this);
        final Packet packet = pool.take().to(to);
        new MessageCapture(packet::set).sender().ping(from, round);
        network.send(packet);
    }

    private List<String> run() {
        while (events.size() > 0) {
            events.runNext(Long.MAX_VALUE);
        }
        return arrived;
    }
}
