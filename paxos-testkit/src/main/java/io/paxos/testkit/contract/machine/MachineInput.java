package io.paxos.testkit.contract.machine;

import io.paxos.testkit.contract.Bytes;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One command or query that a state machine is given.
 *
 * @param slotsOn how many slots it is after the one before, >= 0
 * @param msOn how many milliseconds of cluster time it is after the one before, >= 0
 */
record MachineInput(Kind kind, byte[] bytes, int slotsOn, int msOn) {
    enum Kind {
        COMMAND,
        QUERY
    }

    boolean isQuery() {
        return kind == Kind.QUERY;
    }

    static void writeAll(final List<MachineInput> inputs, final DataOutputStream out) throws IOException {
        out.writeInt(inputs.size());
        for (final MachineInput input : inputs) {
            out.writeBoolean(input.isQuery());
            out.writeInt(input.slotsOn);
            out.writeInt(input.msOn);
            out.writeInt(input.bytes.length);
            out.write(input.bytes);
        }
    }

    static List<MachineInput> readAll(final DataInputStream in) throws IOException {
        final int count = in.readInt();
        final List<MachineInput> inputs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            final Kind kind = in.readBoolean() ? Kind.QUERY : Kind.COMMAND;
            final int slotsOn = in.readInt();
            final int msOn = in.readInt();
            inputs.add(new MachineInput(kind, in.readNBytes(in.readInt()), slotsOn, msOn));
        }
        return inputs;
    }

    @Override
    public String toString() {
        return kind + " " + Bytes.text(bytes) + " +" + slotsOn + " slots +" + msOn + " ms";
    }
}
