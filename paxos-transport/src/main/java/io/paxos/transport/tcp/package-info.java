/**
 * Messages over TCP, on the replica's own thread.
 *
 * <p>Owns {@link io.paxos.transport.tcp.TcpTransport}: one connection per ordered pair, opened by the sender. So each
 * socket has one writer and one reader, and two replicas need not agree on whose connection counts. May see {@code
 * io.paxos.spi}, {@code io.paxos.transport.wire}, Agrona, Netty and slf4j.
 */
package io.paxos.transport.tcp;
