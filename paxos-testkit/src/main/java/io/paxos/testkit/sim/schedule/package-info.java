/**
 * Virtual time and its events, clocks, random numbers, crash points, the trace, and the situations that a run has seen.
 *
 * <p>Internal to the simulator, not for users: it can change in any version. Users read {@link
 * io.paxos.testkit.sim.schedule.Situations}. May see the spi and Agrona.
 */
package io.paxos.testkit.sim.schedule;
