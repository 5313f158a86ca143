/**
 * The snapshots of a replica, in the directory {@code snapshots} of its log. Not for users: everything here may change
 * with any release.
 *
 * <pre>
 * snapshots/snapshot-0000000000000004711      the state after all slots through 4711
 * snapshots/snapshot-0000000000000009000.tmp  written now, or left by a crash and deleted at the next opening
 * snapshots/snapshot-0000000000000012000.part received now, or left by a crash or a break; the next attempt goes on
 * </pre>
 *
 * <p>{@link io.paxos.log.snapshot.SnapshotFileFormat} describes the bytes of a file.
 *
 * <p>May see {@code io.paxos.spi}, {@code io.paxos.log.segment} and Agrona. It does not see {@code io.paxos.log}.
 */
package io.paxos.log.snapshot;
