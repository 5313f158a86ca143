/**
 * What an application implements: a deterministic state machine, fed with chosen commands in slot order.
 *
 * <p>May see Agrona's buffers and nothing else. The name is Lamport's (Time, Clocks, and the Ordering of Events, 1978).
 */
package io.paxos.statemachine;
