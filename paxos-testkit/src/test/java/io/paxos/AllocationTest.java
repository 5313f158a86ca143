package io.paxos;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.paxos.log.ChronicleLog;
import io.paxos.log.Durability;
import io.paxos.spi.Transport;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.FreeAddresses;
import io.paxos.transport.inprocess.InProcessNetwork;
import io.paxos.transport.tcp.TcpTransport;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas on one thread, with their files and frames, so that one number tells what all of them allocate. */
class AllocationTest {
    private static final int COMMANDS = 1_000_000;
    private static final int IN_FLIGHT = 256;
    private static final int IDLE_TURNS_MAX = 1_000_000;

    /** For three new segments and a larger index of each replica. One object for each command would be 16,000,000. */
    private static final long ALLOWANCE_BYTES = 512 << 10;

    @TempDir
    Path directory;

    private final List<Replica> replicas = new ArrayList<>();
    private final UnsafeBuffer command = new UnsafeBuffer(new byte[64]);
    private long chosen;
    private int inFlight;

    @Test
    void a_million_commands_are_proposed_sent_kept_chosen_and_answered_without_garbage() {
        final InProcessNetwork network = new InProcessNetwork(4 << 20, 256 << 10);
        requireNoGarbage(network::transport, COMMANDS, IN_FLIGHT);
    }

    @Test
    void commands_one_by_one_leave_no_garbage_over_tcp_either() throws InterruptedException {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final Transport[] transports = new Transport[4];
        for (int id = 1; id <= 3; id++) {
            transports[id] = TcpTransport.listen(id, addresses);
        }
        final Thread thread =
                transports[1].newThread(() -> requireNoGarbage(id -> transports[id], COMMANDS / 10, 1), "replicas");
        thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
        thread.start();
        thread.join();
        assertThat(failure.get()).isNull();
    }

    private void requireNoGarbage(final IntFunction<Transport> transports, final int commands, final int newInFlight) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        inFlight = newInFlight;
        final Members members = Members.of(1, 2, 3);
        for (int voter = 0; voter < members.size(); voter++) {
            final int id = members.id(voter);
            replicas.add(Replica.builder(id)
                    .members(members)
                    .log(ChronicleLog.builder(directory.resolve("" + id), 0, id)
                            .durability(Durability.REPLICATED)
                            .open())
                    .transport(transports.apply(id))
                    .stateMachine(new Echo())
                    .replyHandler(new Answers())
                    .host());
        }
        try {
            execute(commands / 2); // classes are loaded, code is compiled, tables have grown
            final long before = threads.getCurrentThreadAllocatedBytes();
            execute(commands);
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(ALLOWANCE_BYTES);
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    /** Offers to the first, which passes on to whoever leads. */
    private void execute(final int commands) {
        final long target = chosen + commands;
        long offered = chosen;
        int idle = 0;
        while (chosen < target) {
            while (offered < Math.min(target, chosen + inFlight)) {
                offer();
                offered++;
            }
            int work = 0;
            for (int i = 0; i < replicas.size(); i++) {
                work += replicas.get(i).doWork();
            }
            idle = work > 0 ? 0 : idle + 1;
            if (idle == IDLE_TURNS_MAX) {
                throw new AssertionError(
                        "stuck at " + chosen + ": " + replicas.get(0).status());
            }
        }
    }

    private void offer() {
        final long taken = replicas.get(0).offer(command, 0, command.capacity());
        if (taken < 0) {
            throw new AssertionError("refused: " + taken);
        }
    }

    private static final class Echo implements StateMachine {
        @Override
        public void apply(final Command command, final Reply reply) {
            reply.reserve(Long.BYTES).putLong(0, command.slot());
        }

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {
            reply.reserve(Long.BYTES).putLong(0, 0);
        }
    }

    private final class Answers implements ReplyHandler {
        @Override
        public void onChosen(
                final long correlationId,
                final long slot,
                final DirectBuffer reply,
                final int offset,
                final int length) {
            chosen++;
        }

        @Override
        public void onNotChosen(final long correlationId, final Reason reason) {
            throw new AssertionError("not chosen: " + correlationId);
        }

        @Override
        public void onUnknown(final long correlationId) {
            throw new AssertionError("unknown: " + correlationId);
        }
    }
}
