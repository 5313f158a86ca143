package io.paxos.testkit.contract.snapshot;

import io.paxos.spi.SnapshotStore;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A store on another one. What a test overrides is broken. */
class ForwardingSnapshots implements SnapshotStore {
    final SnapshotStore store;

    ForwardingSnapshots(final SnapshotStore store) {
        this.store = store;
    }

    @Override
    public long[] slots() {
        return store.slots();
    }

    @Override
    public long unfinishedSlot() {
        return store.unfinishedSlot();
    }

    @Override
    public long unfinishedId() {
        return store.unfinishedId();
    }

    @Override
    public long unfinishedLength() {
        return store.unfinishedLength();
    }

    @Override
    public Input open(final long slot) {
        return store.open(slot);
    }

    @Override
    public Output begin(final long slot, final Runnable wakeup) {
        return store.begin(slot, wakeup);
    }

    @Override
    public Output receive(final long slot, final long id, final Runnable wakeup) {
        return store.receive(slot, id, wakeup);
    }

    static class ForwardingInput implements Input {
        final Input input;

        ForwardingInput(final Input input) {
            this.input = input;
        }

        @Override
        public int read(final MutableDirectBuffer buffer, final int offset, final int length) {
            return input.read(buffer, offset, length);
        }

        @Override
        public void seek(final long position) {
            input.seek(position);
        }

        @Override
        public long length() {
            return input.length();
        }

        @Override
        public long id() {
            return input.id();
        }

        @Override
        public void close() {
            input.close();
        }
    }

    static class ForwardingOutput implements Output {
        final Output output;

        ForwardingOutput(final Output output) {
            this.output = output;
        }

        @Override
        public long room() {
            return output.room();
        }

        @Override
        public long length() {
            return output.length();
        }

        @Override
        public void write(final DirectBuffer buffer, final int offset, final int length) {
            output.write(buffer, offset, length);
        }

        @Override
        public void hurry() {
            output.hurry();
        }

        @Override
        public void finish() {
            output.finish();
        }

        @Override
        public State state() {
            return output.state();
        }

        @Override
        public String failure() {
            return output.failure();
        }

        @Override
        public void abandon() {
            output.abandon();
        }
    }
}
