/**
 * Other libraries behind {@link io.paxos.benchmarks.load.Library}, each with the settings that served it best on two
 * cores.
 *
 * <p>Built with {@code -Ppeers} alone.
 */
package io.paxos.benchmarks.load.peers;
