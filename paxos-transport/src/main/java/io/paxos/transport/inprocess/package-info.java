/**
 * Replicas of one JVM: the same frames as over TCP, through shared off-heap rings.
 *
 * <p>Owns {@link io.paxos.transport.inprocess.InProcessNetwork}. May see {@code io.paxos.spi},
 * {@code io.paxos.transport.wire}, Agrona and slf4j.
 */
package io.paxos.transport.inprocess;
