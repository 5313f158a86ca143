/**
 * The disks of the simulator: durable records, the effects of a crash, and damage that a reader notices.
 *
 * <p>Internal to the simulator, not for users: it can change in any version. Users reach {@link
 * io.paxos.testkit.sim.disk.SimDisk} through a cluster. May see the spi, {@code sim.schedule}, {@code sim.value} and
 * Agrona.
 */
package io.paxos.testkit.sim.disk;
