package io.paxos.testkit.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.Setup;
import io.paxos.testkit.sim.SimCluster;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.transport.wire.MessageType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What the lessons have in common: a cluster that works, ways to use it, and an ear on its network. */
final class LessonCluster {
    static final long MS = 1_000_000;
    static final long SECOND = 1_000 * MS;

    private LessonCluster() {}

    /** A cluster that has elected a leader, chosen something at each member, and is quiet again. */
    static SimCluster started(final int members) {
        return started(Setup.of(members));
    }

    static SimCluster started(final Setup setup) {
        return setup.start().converge().runFor(50 * MS);
    }

    /** Has a command chosen at this member. */
    static void choose(final SimCluster cluster, final int at) {
        final long command = cluster.submitTo(at);
        assertThat(command).as("taken by member %d", at).isPositive();
        final boolean isDone = cluster.runUntil(() -> !cluster.isOpen(command), SECOND);
        assertThat(isDone && cluster.isAcknowledged(command))
                .as("chosen at member %d; %s", at, cluster.statusText())
                .isTrue();
    }

    static int other(final SimCluster cluster, final int than) {
        return than == cluster.members() ? 1 : than + 1;
    }

    /** Waits for a leader other than this member. */
    static int nextLeader(final SimCluster cluster, final int old) {
        assertThat(cluster.runUntil(() -> cluster.leader() != old && cluster.leader() != 0, 2 * SECOND))
                .as(cluster.statusText())
                .isTrue();
        return cluster.leader();
    }

    /** What was said on the network since it was created. */
    static final class Wire {
        /** One message, as far as the lessons care. */
        record Said(MessageType type, int from, int to) {}

        private final List<Said> sent = new ArrayList<>();

        Wire(final SimCluster cluster) {
            this(cluster, packet -> false);
        }

        /** Loses what {@code drops} says, until the network is healed. */
        Wire(final SimCluster cluster, final Predicate<Packet> drops) {
            cluster.network().drops(packet -> {
                sent.add(new Said(packet.type(), packet.from(), packet.to()));
                return drops.test(packet);
            });
        }

        long count(final MessageType type) {
            return sent.stream().filter(one -> one.type == type).count();
        }

        long count(final MessageType type, final int from) {
            return sent.stream()
                    .filter(one -> one.type == type && one.from == from)
                    .count();
        }

        long countTo(final MessageType type, final int to) {
            return sent.stream().filter(one -> one.type == type && one.to == to).count();
        }

        /** How many messages this member has said that claim something durable. */
        long claims(final int from) {
            return count(MessageType.PREPARE, from)
                    + count(MessageType.PROMISE, from)
                    + count(MessageType.REPORT, from)
                    + count(MessageType.ACCEPTED, from);
        }
    }
}
