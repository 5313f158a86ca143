/**
 * Replicas talk over TCP, on the replica's own thread.
 *
 * <p>Owns {@link io.paxos.transport.tcp.TcpTransport}: one dialled connection per ordered pair, so that every socket has
 * one writer and one reader, and no two replicas ever argue whose connection counts. May see {@code io.paxos.spi},
 * {@code io.paxos.transport.wire}, Agrona, Netty and slf4j.
 */
package io.paxos.transport.tcp;
