/**
 * Bytes: how one message lies in one frame, and what must be true of a frame before a replica may hear it.
 *
 * <p>Owns the layout ({@link io.paxos.transport.wire.FrameLayout}), its writer and reader, the Lamport clock that both
 * advance, and the counters that every transport shows. May see {@code io.paxos.spi} and Agrona's buffers and nothing
 * else; knows no socket, no thread and no peer table.
 */
package io.paxos.transport.wire;
