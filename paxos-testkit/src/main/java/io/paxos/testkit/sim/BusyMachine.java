package io.paxos.testkit.sim;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.Snapshotting;
import org.agrona.DirectBuffer;

/** A state machine whose commands and queries take virtual time, also when they are executed again. */
final class BusyMachine implements Snapshotting {
    private final Snapshotting machine;
    private final SimNode node;

    BusyMachine(final Snapshotting machine, final SimNode node) {
        this.machine = machine;
        this.node = node;
    }

    @Override
    public void apply(final Command command, final Reply reply) {
        machine.apply(command, reply);
        node.spend(node.setup.applyMeanNs);
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        machine.query(query, offset, length, reply);
        node.spend(node.setup.queryMeanNs);
    }

    @Override
    public SnapshotWriter writeSnapshot() {
        return machine.writeSnapshot();
    }

    @Override
    public void readSnapshot(final SnapshotSource source) {
        machine.readSnapshot(source);
    }
}
