package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.agrona.DirectBuffer;

/**
 * A small state machine that keeps the contract: a command of two bytes puts a value under a key and replies the value
 * before (0 if none) and how many keys there are; a query of one byte asks for a key; anything else is refused with an
 * empty reply.
 */
class MapMachine implements StateMachine {
    final Map<Byte, Byte> map = new TreeMap<>();

    @Override
    public void apply(final Command command, final Reply reply) {
        if (command.length() == 2) {
            final Byte before = map.put(
                    command.buffer().getByte(command.offset()), command.buffer().getByte(command.offset() + 1));
            reply.put(new byte[] {before == null ? 0 : before, (byte) map.size()});
        }
    }

    @Override
    public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
        if (length == 1) {
            reply.put(new byte[] {map.getOrDefault(query.getByte(offset), (byte) 0)});
        }
    }

    /** Its contract. What must not keep it overrides {@link #create}. */
    abstract static class Contract extends StateMachineContract {
        @Override
        protected Arbitrary<byte[]> commands() {
            return Arbitraries.bytes()
                    .between((byte) 0, (byte) 4)
                    .array(byte[].class)
                    .ofSize(2);
        }

        @Override
        protected Arbitrary<byte[]> queries() {
            return Arbitraries.bytes()
                    .between((byte) 0, (byte) 4)
                    .array(byte[].class)
                    .ofSize(1);
        }
    }
}
