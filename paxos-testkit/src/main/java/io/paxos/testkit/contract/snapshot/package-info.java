/**
 * The contract of a store of snapshots: {@link io.paxos.testkit.contract.snapshot.SnapshotStoreContract}. Imports as in
 * {@link io.paxos.testkit.contract}.
 */
package io.paxos.testkit.contract.snapshot;
