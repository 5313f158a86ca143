package io.paxos.benchmarks.load.peers;

import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.logbuffer.Header;
import io.paxos.benchmarks.load.CounterState;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The counter as Aeron Cluster runs it: replies with the count and the command's own number. */
final class AeronCounter implements ClusteredService {
    private static final int REPLY_LENGTH = 2 * Long.BYTES;

    private final CounterState state;
    private final UnsafeBuffer reply = new UnsafeBuffer(new byte[REPLY_LENGTH]);
    private Cluster cluster;
    private volatile Cluster.Role role = Cluster.Role.FOLLOWER;

    AeronCounter(final CounterState state) {
        this.state = state;
    }

    Cluster.Role role() {
        return role;
    }

    @Override
    public void onStart(final Cluster newCluster, final Image snapshot) {
        cluster = newCluster;
        role = newCluster.role();
    }

    @Override
    public void onSessionMessage(
            final ClientSession session,
            final long timestamp,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Header header) {
        reply.putLong(0, state.apply(buffer, offset, length), ByteOrder.LITTLE_ENDIAN);
        reply.putLong(Long.BYTES, buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN), ByteOrder.LITTLE_ENDIAN);
        // A follower's session accepts the reply and drops it.
        while (session.offer(reply, 0, REPLY_LENGTH) < 0 && !session.isClosing()) {
            cluster.idleStrategy().idle();
        }
    }

    @Override
    public void onRoleChange(final Cluster.Role newRole) {
        role = newRole;
    }

    @Override
    public void onSessionOpen(final ClientSession session, final long timestamp) {}

    @Override
    public void onSessionClose(final ClientSession session, final long timestamp, final CloseReason reason) {}

    @Override
    public void onTimerEvent(final long correlationId, final long timestamp) {}

    @Override
    public void onTakeSnapshot(final ExclusivePublication publication) {
        throw new UnsupportedOperationException("a benchmark takes no snapshot");
    }

    @Override
    public void onTerminate(final Cluster terminated) {}
}
