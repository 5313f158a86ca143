/**
 * The disks of the simulator: what is durable, what a crash keeps, and damage that is noticed.
 *
 * <p>Inside of the simulator, not for users: it may change with any version. Users reach {@link
 * io.paxos.testkit.sim.disk.SimDisk} through a cluster. May see the spi, {@code sim.schedule}, {@code sim.value} and Agrona.
 */
package io.paxos.testkit.sim.disk;
