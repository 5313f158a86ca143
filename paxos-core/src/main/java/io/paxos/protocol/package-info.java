/**
 * The rules of Paxos, pure and deterministic: no clock, thread, file, socket, random source, lock or logging.
 *
 * <p>Driven by messages, by ticks that carry the time, and by the durable position of the log. It sees the SPI, the
 * members and quorums, and Agrona. Its classes make no circle.
 */
package io.paxos.protocol;
