/**
 * The rules of Paxos, pure and deterministic: no clock, thread, file, socket, random source, lock or logging.
 *
 * <p>Driven by messages, by ticks that bring the time along, and by the durable position. May see the SPI and Agrona.
 */
package io.paxos.protocol;
