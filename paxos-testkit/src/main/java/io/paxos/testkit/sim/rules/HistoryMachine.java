package io.paxos.testkit.sim.rules;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.SnapshotSink;
import io.paxos.statemachine.SnapshotSource;
import io.paxos.statemachine.SnapshotWriter;
import io.paxos.statemachine.Snapshotting;
import io.paxos.testkit.sim.schedule.CrashPoint;
import io.paxos.testkit.sim.schedule.SimRandom;
import io.paxos.testkit.sim.value.SimCommands;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The state machine of the simulator. Its state is the number of executed commands and a hash chain over them.
 *
 * <p>A reply and the result of a query have the same 16 bytes: the number, then the chain.
 */
public final class HistoryMachine implements Snapshotting {
    public static final int REPLY_LENGTH = 2 * Long.BYTES;

    private final int replica;
    private final History history;
    private final CrashPoint crashPoint;
    private int executed;
    private long chain;

    public HistoryMachine(final int replica, final History history, final CrashPoint crashPoint) {
        this.replica = replica;
        this.history = history;
        this.crashPoint = crashPoint;
    }

    public static long chain(final long before, final long number, final long slot) {
        return SimRandom.mix(SimRandom.mix(before ^ number) + slot);
    }

    @Override
    public void apply(final Command command, final Reply reply) {
        crashPoint.pass();
        final long number = SimCommands.number(command.buffer(), command.offset(), command.length());
        executed++;
        history.executes(replica, number, command.slot(), command.timeMs());
        chain = chain(chain, number, command.slot());
        answer(reply);
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        answer(reply);
    }

    /** Writes its two numbers in two slices, with commands between them. */
    @Override
    public SnapshotWriter writeSnapshot() {
        final long executedThen = executed;
        final long chainThen = chain;
        return new SnapshotWriter() {
            private boolean isFirst = true;

            @Override
            public boolean writeSlice(final SnapshotSink sink) {
                crashPoint.pass();
                sink.writeLong(isFirst ? executedThen : chainThen);
                isFirst = !isFirst;
                return !isFirst;
            }
        };
    }

    @Override
    public void readSnapshot(final SnapshotSource source) {
        executed = (int) source.readLong();
        chain = source.readLong();
        history.restored(replica, executed, chain);
    }

    private void answer(final Reply reply) {
        final MutableDirectBuffer buffer = reply.reserve(REPLY_LENGTH);
        buffer.putLong(0, executed);
        buffer.putLong(Long.BYTES, chain);
    }
}
