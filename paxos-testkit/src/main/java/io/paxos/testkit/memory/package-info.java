/**
 * The parts of a cluster in memory, for tests: a disk and a log without files, a log and a transport that forward to
 * another one, and a message that is kept.
 *
 * <p>{@link io.paxos.testkit.memory.MemoryDisk} outlives the logs that are opened on it. {@link
 * io.paxos.testkit.memory.ForwardingLog} and {@link io.paxos.testkit.memory.ForwardingTransport} change nothing; a test
 * overrides the one method that it needs to change. May see the spi and Agrona.
 */
package io.paxos.testkit.memory;
