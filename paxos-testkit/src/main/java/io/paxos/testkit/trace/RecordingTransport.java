package io.paxos.testkit.trace;

import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.protocol.Ballot;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Any transport, recorded: what this replica says and hears goes to the {@link Recordings} that made it.
 *
 * <p>Nothing is added to a message: what is heard is taken for the oldest unheard message of the same words on that link.
 * If one was lost and said again, the arrow may begin at the first; it is then still true that one happened before the other.
 */
public final class RecordingTransport implements Transport {
    private final int self;
    private final Transport transport;
    private final Recordings recordings;
    private final Map<Integer, Messages> senders = new HashMap<>(); // by replica id

    RecordingTransport(final int self, final Transport transport, final Recordings recordings) {
        this.self = self;
        this.transport = transport;
        this.recordings = recordings;
    }

    /** Records what this replica tells of itself, and tells {@code next} too. */
    public ReplicaListener listener(final ReplicaListener next) {
        return new ReplicaListener() {
            @Override
            public void onRole(final Status.Role role, final int leaderId, final long ballot) {
                recordings.role(self, role, leaderId, ballot);
                next.onRole(role, leaderId, ballot);
            }

            @Override
            public void onFault(final Throwable cause) {
                recordings.stopped(self, cause.toString());
                next.onFault(cause);
            }
        };
    }

    @Override
    public Messages to(final int replica) {
        return senders.computeIfAbsent(replica, Mouth::new);
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        return transport.poll(new Ears(receiver), limit);
    }

    @Override
    public int flush() {
        return transport.flush();
    }

    @Override
    public void await(final long timeoutNs) {
        transport.await(timeoutNs);
    }

    @Override
    public void wakeup() {
        transport.wakeup();
    }

    @Override
    public void linger(final int replica, final long timeNs) {
        transport.linger(replica, timeNs);
    }

    @Override
    public boolean isReachable(final int replica) {
        return transport.isReachable(replica);
    }

    @Override
    public Thread newThread(final Runnable work, final String name) {
        return transport.newThread(work, name);
    }

    @Override
    public int valueLengthMax() {
        return transport.valueLengthMax();
    }

    /** The process is seen to end here: when the replica is closed, or has stopped. */
    @Override
    public void close() {
        recordings.stopped(self, "closes its transport");
        transport.close();
    }

    static String roleText(final Status.Role role, final int leaderId, final long ballot) {
        final String name = role.name().toLowerCase(Locale.ROOT);
        final String following = role == Status.Role.FOLLOWER && leaderId != 0 ? " of " + leaderId : "";
        return name + following + (ballot == Ballot.NONE ? "" : " " + Ballot.text(ballot));
    }

    private final class Mouth extends MessageRecorder {
        private final int peer;

        Mouth(final int peer) {
            super(ValueText.HASH);
            this.peer = peer;
        }

        @Override
        protected Messages sent(final int from, final MessageText text) {
            recordings.sent(self, peer, text);
            return transport.to(peer);
        }
    }

    private final class Ears extends MessageRecorder {
        private final Messages receiver;

        Ears(final Messages receiver) {
            super(ValueText.HASH);
            this.receiver = receiver;
        }

        @Override
        protected Messages sent(final int from, final MessageText text) {
            recordings.received(from, self, text);
            return receiver;
        }
    }
}
