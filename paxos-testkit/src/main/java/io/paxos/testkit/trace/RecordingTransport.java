package io.paxos.testkit.trace;

import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.protocol.Ballot;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.testkit.memory.ForwardingTransport;
import io.paxos.transport.wire.MessageCapture;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Passes every call on to another transport, and records each message that is sent or received in the {@link
 * Recordings} that made it.
 *
 * <p>Nothing is added to a message. A received message counts as the oldest message with the same text that was sent on
 * that link and not received yet. If one was lost and sent again, the arrow begins at the first sending. It is still
 * true that one event happened before the other.
 */
public final class RecordingTransport extends ForwardingTransport {
    private final int self;
    private final Recordings recordings;
    private final Map<Integer, Messages> senders = new HashMap<>(); // by replica id

    RecordingTransport(final int self, final Transport transport, final Recordings recordings) {
        super(transport);
        this.self = self;
        this.recordings = recordings;
    }

    /**
     * A listener that records what this replica reports, and passes it on to {@code next}. Its place among the messages
     * is exact with {@link io.paxos.Replica#ON_REPLICA_THREAD}. Otherwise it may be recorded after later messages.
     */
    public ReplicaListener listener(final ReplicaListener next) {
        return new ReplicaListener() {
            @Override
            public void onRole(final Status.Role role, final int leaderId, final long ballot) {
                recordings.role(self, role, leaderId, ballot);
                next.onRole(role, leaderId, ballot);
            }

            @Override
            public void onReplay(final long slots, final long ofSlots, final long durationNs) {
                next.onReplay(slots, ofSlots, durationNs);
            }

            @Override
            public void onHeldUp(final String what, final long durationNs) {
                next.onHeldUp(what, durationNs);
            }

            @Override
            public void onReady(final boolean isReady, final String reason) {
                next.onReady(isReady, reason);
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
        return senders.computeIfAbsent(replica, this::sender);
    }

    @Override
    public int poll(final Messages receiver, final int limit) {
        return transport.poll(recorded(receiver), limit);
    }

    /** Records each message to this peer, and sends it. */
    private Messages sender(final int peer) {
        return new MessageCapture(message -> {
                    recordings.sent(self, peer, MessageText.of(message, ValueText.HASH));
                    message.deliver(transport.to(peer));
                })
                .sender();
    }

    /** Records each message that arrives, and passes it on to {@code receiver}. */
    private Messages recorded(final Messages receiver) {
        return new MessageCapture(message -> {
                    recordings.received(message.from(), self, MessageText.of(message, ValueText.HASH));
                    message.deliver(receiver);
                })
                .sender();
    }

    /** Records the end of the process: the replica was closed, or has stopped. */
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
}
