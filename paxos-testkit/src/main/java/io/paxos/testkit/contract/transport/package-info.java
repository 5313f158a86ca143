/**
 * The contract of a transport: {@link io.paxos.testkit.contract.transport.TransportContract}, with the promises that a
 * transport may add in {@link io.paxos.testkit.contract.transport.TransportCapabilities}. Imports as in {@link
 * io.paxos.testkit.contract}.
 */
package io.paxos.testkit.contract.transport;
