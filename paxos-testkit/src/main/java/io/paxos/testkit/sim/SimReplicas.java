package io.paxos.testkit.sim;

import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.Replica;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.sim.disk.RefusedLogException;
import io.paxos.testkit.sim.disk.SimDisk;
import io.paxos.testkit.sim.disk.SimLog;
import io.paxos.testkit.sim.net.SimTransport;
import io.paxos.testkit.sim.schedule.CrashPoint;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;

/** Production replicas with the settings of one simulated cluster. */
final class SimReplicas {
    private static final long CLUSTER_ID = 7;
    private static final CrashPoint NO_CRASH = () -> {};

    /** The state machine of a replica that must never execute a command. */
    static final StateMachine UNUSED = new StateMachine() {
        @Override
        public void apply(final Command command, final Reply reply) {
            throw new IllegalStateException("slot " + command.slot() + " reached a replica that must be refused");
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
            throw new IllegalStateException("a read reached a replica that must be refused");
        }
    };

    private SimReplicas() {}

    /** A builder without a state machine. */
    static Replica.Builder builder(
            final int id, final Setup setup, final AcceptorLog log, final SimTransport transport, final Clock clock) {
        return Replica.builder(id)
                .members(Members.of(IntStream.rangeClosed(1, setup.members).toArray()))
                .quorums(setup.quorums)
                .log(log)
                .transport(transport)
                .clock(clock)
                .compareReplies(true)
                .heartbeatIntervalNs(setup.heartbeatOfNs(id))
                .patienceRounds(setup.patienceOf(id))
                .timeoutNs(setup.timeoutNs)
                .stallNs(setup.stallNs)
                .followerLingerNs(setup.followerLingerNs)
                .commandLingerNs(setup.commandLingerNs)
                .clockAheadMaxMs(setup.clockAheadMaxMs)
                .windowSlots(setup.windowOf(id))
                .batchBytesMax(setup.batchBytesMax)
                .pendingBytes(setup.pendingBytes)
                .pendingCommands(setup.pendingCommands)
                .snapshotBytes(setup.snapshotBytes)
                .logTailBytes(setup.logTailBytes)
                .maxLogBytes(setup.maxLogBytes)
                .transferBytesPerSecond(setup.transferBytesPerSecond);
    }

    /** Says that the first start is the first one. */
    static Replica.Builder bootstrapped(final Replica.Builder builder) {
        return builder.clusterId(CLUSTER_ID).bootstrap();
    }

    /**
     * Why a member that is down cannot be built with this disk and these quorums; null if it can, and {@code ""} if the
     * disk cannot be opened. Nothing runs afterwards.
     */
    static String refusal(final SimNode node, final SimDisk disk, final Quorums quorums) {
        final SimLog log;
        try {
            log = disk.open(node.setup.valueLengthMax, NO_CRASH);
        } catch (final RefusedLogException e) {
            return "";
        }
        final SimTransport transport = new SimTransport(
                node.id,
                node.setup.queueMax,
                node.world.network,
                node.world.pool,
                NO_CRASH,
                () -> {},
                packet -> {},
                peer -> {});
        try {
            builder(node.id, node.setup, log, transport, node.clock)
                    .quorums(quorums)
                    .stateMachine(UNUSED)
                    .host();
            return null;
        } catch (final IllegalArgumentException e) {
            return e.getMessage();
        } finally {
            transport.close();
            disk.crash(true);
        }
    }
}
