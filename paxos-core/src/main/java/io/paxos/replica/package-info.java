/**
 * The runtime: one thread that owns all protocol state, and the way in for the application.
 *
 * <p>May see the protocol, the SPI, the state machine, JCTools and slf4j.
 */
package io.paxos.replica;
