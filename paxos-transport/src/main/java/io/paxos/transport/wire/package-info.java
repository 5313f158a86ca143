/**
 * The wire format: the bytes of one message in one frame, and the checks of a frame before its message is delivered.
 *
 * <p>Owns the layout ({@link io.paxos.transport.wire.FrameLayout}), the table of messages ({@link
 * io.paxos.transport.wire.MessageType}), the writer and reader of frames, the Lamport clock of both, the counters of
 * every transport, and the views of messages for tests and tools. May see {@code io.paxos.spi} and Agrona's buffers,
 * and nothing else. Has no socket, no thread and no table of peers.
 */
package io.paxos.transport.wire;
