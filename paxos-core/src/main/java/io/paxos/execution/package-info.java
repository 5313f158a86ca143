/**
 * From a chosen value to the replies of its commands: not for users.
 *
 * <p>Sees the protocol, the layout of values and the state machine; the runtime, {@code io.paxos.replica}, drives it.
 * May change in any release. The Javadoc leaves it out.
 */
package io.paxos.execution;
