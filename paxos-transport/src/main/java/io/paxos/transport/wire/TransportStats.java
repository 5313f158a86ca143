package io.paxos.transport.wire;

import java.util.Map;

/**
 * What a transport has done since it was opened; counters only grow. Taken at one moment, but not atomically.
 *
 * @param framesSent frames handed to the network
 * @param bytesSent their bytes
 * @param framesReceived frames delivered to the receiver
 * @param bytesReceived their bytes
 * @param droppedFull messages dropped because the buffer towards the peer was full
 * @param droppedDisconnected messages dropped, or lost while queued, because the peer is not connected, gone or unknown
 * @param droppedOversized messages dropped because the peer does not take one that long
 * @param rejected frames refused, by reason; absent means none. Each one cost its connection
 * @param handshakesRefused connections closed by us before they were a member's: refused, silent too long, too many
 * @param connects connections to peers that came to stand
 * @param connectedPeers how many peers can be spoken to now
 */
public record TransportStats(
        long framesSent,
        long bytesSent,
        long framesReceived,
        long bytesReceived,
        long droppedFull,
        long droppedDisconnected,
        long droppedOversized,
        Map<FrameVerdict, Long> rejected,
        long handshakesRefused,
        long connects,
        int connectedPeers) {
    public TransportStats {
        rejected = Map.copyOf(rejected);
    }
}
