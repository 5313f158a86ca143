package io.paxos.transport.wire;

import java.util.Map;

/**
 * What a transport has done since it was opened. All but {@code connectedPeers} only grow. Not read atomically.
 *
 * @param framesSent frames handed to the network
 * @param bytesSent their bytes
 * @param framesReceived frames delivered to the receiver
 * @param bytesReceived their bytes
 * @param droppedFull messages dropped because the buffer towards the peer was full
 * @param droppedDisconnected messages dropped, or lost while queued, because the peer is not connected, gone or unknown
 * @param droppedOversized messages dropped because they are longer than the peer takes
 * @param rejected frames refused, by reason; absent means none. Over TCP each one also closed its connection
 * @param handshakesRefused connections closed here before their handshake was complete: refused, too slow, too many
 * @param dialsFailed attempts to connect to a peer that could not begin or found nobody
 * @param hangUps connections to peers that were given up because the peer was silent or took nothing
 * @param connects connections to peers that were established
 * @param connectedPeers how many peers are connected now
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
        long dialsFailed,
        long hangUps,
        long connects,
        int connectedPeers) {
    public TransportStats {
        rejected = Map.copyOf(rejected);
    }
}
