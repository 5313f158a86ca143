package org.example.modular;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Replica;
import io.paxos.log.ChronicleLog;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/** Three replicas in one process, on the module path; each has its log below the directory that is given. */
public final class ModularProgram {
    private static final long CLUSTER = 7;

    private ModularProgram() {}

    /** Replies with each command, as it is. */
    private static final class Echo implements StateMachine {
        @Override
        public void apply(final Command command, final Reply reply) {
            reply.put(command.buffer(), command.offset(), command.length());
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
            reply.put(query, offset, length);
        }
    }

    public static void main(final String[] arguments) throws Exception {
        final Path data = Path.of(arguments[0]);
        final InProcessNetwork network = new InProcessNetwork();
        try (Replica one = start(1, data, network);
                Replica two = start(2, data, network);
                Replica three = start(3, data, network)) {
            for (final Replica replica : new Replica[] {one, two, three}) {
                final byte[] command = "hello".getBytes(StandardCharsets.UTF_8);
                final Outcome outcome = replica.submit(command).get();
                System.out.println(
                        outcome instanceof Outcome.Chosen chosen
                                ? new String(chosen.reply(), StandardCharsets.UTF_8)
                                : outcome.toString());
            }
            System.out.println(ModularProgram.class.getModule() + ", " + ChronicleLog.class.getModule());
        }
    }

    private static Replica start(final int id, final Path data, final InProcessNetwork network) {
        return Replica.builder(id)
                .members(Members.of(1, 2, 3))
                .log(ChronicleLog.open(data.resolve("replica-" + id), CLUSTER, id))
                .transport(network.transport(id))
                .stateMachine(new Echo())
                .start();
    }
}
