package io.paxos.testkit.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.Setup;
import io.paxos.testkit.sim.SimCluster;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.transport.wire.MessageType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The common part of the lessons: a cluster that works, methods to use it, and a record of its messages. */
final class LessonCluster {
    static final long MS = 1_000_000;
    static final long SECOND = 1_000 * MS;

    private LessonCluster() {}

    /** A cluster that has a leader, has chosen a command at each member, and is idle. */
    static SimCluster started(final int members) {
        return started(Setup.of(members));
    }

    static SimCluster started(final Setup setup) {
        return setup.start().converge().runFor(50 * MS);
    }

    /** Submits a command at this member and waits until it is chosen. */
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

    /** The messages on the network since the creation of this object. */
    static final class Wire {
        /** The type and the route of one message. */
        record SentMessage(MessageType type, int from, int to) {}

        private final List<SentMessage> sent = new ArrayList<>();

        Wire(final SimCluster cluster) {
            this(cluster, packet -> false);
        }

        /** Loses the packets that {@code drops} selects, until the network is healed. */
        Wire(final SimCluster cluster, final Predicate<Packet> drops) {
            cluster.network().drops(packet -> {
                sent.add(new SentMessage(packet.type(), packet.from(), packet.to()));
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

        /** How many messages with a durable claim this member has sent. */
        long claims(final int from) {
            return count(MessageType.PREPARE, from)
                    + count(MessageType.PROMISE, from)
                    + count(MessageType.REPORT, from)
                    + count(MessageType.ACCEPTED, from);
        }
    }
}
