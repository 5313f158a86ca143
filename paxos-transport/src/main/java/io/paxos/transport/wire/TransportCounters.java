package io.paxos.transport.wire;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The counters behind {@link TransportStats}. One thread counts, without a locked instruction; any thread reads. */
public final class TransportCounters {
    private final AtomicLong framesSent = new AtomicLong();
    private final AtomicLong bytesSent = new AtomicLong();
    private final AtomicLong framesReceived = new AtomicLong();
    private final AtomicLong bytesReceived = new AtomicLong();
    private final AtomicLong droppedFull = new AtomicLong();
    private final AtomicLong droppedDisconnected = new AtomicLong();
    private final AtomicLong droppedOversized = new AtomicLong();
    private final Map<FrameVerdict, AtomicLong> rejected = new EnumMap<>(FrameVerdict.class); // never changes
    private final AtomicLong handshakesRefused = new AtomicLong();
    private final AtomicLong dialsFailed = new AtomicLong();
    private final AtomicLong hangUps = new AtomicLong();
    private final AtomicLong connects = new AtomicLong();
    private final AtomicLong connectedPeers = new AtomicLong();

    public TransportCounters() {
        for (final FrameVerdict verdict : FrameVerdict.values()) {
            rejected.put(verdict, new AtomicLong());
        }
    }

    public void sent(final long frames, final long bytes) {
        add(framesSent, frames);
        add(bytesSent, bytes);
    }

    public void received(final long frames, final long bytes) {
        add(framesReceived, frames);
        add(bytesReceived, bytes);
    }

    public void droppedFull() {
        add(droppedFull, 1);
    }

    public void droppedDisconnected(final long frames) {
        add(droppedDisconnected, frames);
    }

    public void droppedOversized() {
        add(droppedOversized, 1);
    }

    public void rejected(final FrameVerdict reason) {
        add(rejected.get(reason), 1);
    }

    public void handshakeRefused() {
        add(handshakesRefused, 1);
    }

    public void dialFailed() {
        add(dialsFailed, 1);
    }

    public void hungUp() {
        add(hangUps, 1);
    }

    public void connected() {
        add(connects, 1);
        add(connectedPeers, 1);
    }

    public void disconnected() {
        add(connectedPeers, -1);
    }

    /** Any thread. */
    public TransportStats snapshot() {
        final Map<FrameVerdict, Long> reasons = new EnumMap<>(FrameVerdict.class);
        rejected.forEach((reason, counter) -> {
            final long count = counter.getOpaque();
            if (count > 0) {
                reasons.put(reason, count);
            }
        });
        return new TransportStats(
                framesSent.getOpaque(),
                bytesSent.getOpaque(),
                framesReceived.getOpaque(),
                bytesReceived.getOpaque(),
                droppedFull.getOpaque(),
                droppedDisconnected.getOpaque(),
                droppedOversized.getOpaque(),
                reasons,
                handshakesRefused.getOpaque(),
                dialsFailed.getOpaque(),
                hangUps.getOpaque(),
                connects.getOpaque(),
                (int) connectedPeers.getOpaque());
    }

    private static void add(final AtomicLong counter, final long amount) {
        counter.setOpaque(counter.getPlain() + amount);
    }
}
