/**
 * What happens in a simulated run and when: virtual time and its events, clocks, random numbers, places to crash at, the
 * trace, and the situations that were seen.
 *
 * <p>Inside of the simulator, not for users: it may change with any version. Users read {@link
 * io.paxos.testkit.sim.schedule.Situations}. May see the spi and Agrona.
 */
package io.paxos.testkit.sim.schedule;
