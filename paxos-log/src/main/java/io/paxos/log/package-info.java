/**
 * The acceptor's log on disk. {@link io.paxos.log.ChronicleLog} is what a user opens.
 *
 * <p>Only this package is meant for users. The files and records behind it are in {@code io.paxos.log.segment}, and
 * snapshots in {@code io.paxos.log.snapshot}. Neither is part of the API.
 *
 * <p>May see {@code io.paxos.spi}, {@code io.paxos.log.segment} and {@code io.paxos.log.snapshot}.
 */
package io.paxos.log;
