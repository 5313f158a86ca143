package io.paxos.testkit.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.log.ChronicleLog;
import io.paxos.log.Durability;
import io.paxos.testkit.FreeAddresses;
import io.paxos.transport.tcp.TcpTransport;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program as in the README, whose members come one by one, with real logs and sockets. */
class FirstStartTest {
    private static final long ALONE_NS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60); // far more than it takes

    @TempDir
    Path directory;

    private final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
    private final List<Replica> replicas = new ArrayList<>();

    @AfterEach
    void close() {
        replicas.forEach(Replica::close);
    }

    private Replica start(final int id) {
        final Replica replica = Replica.builder(id)
                .members(Members.of(1, 2, 3))
                .log(ChronicleLog.builder(directory.resolve("replica-" + id), 0, id)
                        .durability(Durability.REPLICATED) // no promise here is about the disk
                        .segmentBytes(1 << 20)
                        .valueLengthMax(64 << 10)
                        .open())
                .transport(TcpTransport.listen(id, addresses))
                .stateMachine(new Tally())
                .timeoutNs(PATIENCE_NS)
                .start();
        replicas.add(replica);
        return replica;
    }

    /** F25: each comes when the one before has waited in vain. */
    @Test
    void members_that_are_started_one_after_the_other_wait_until_all_are_there_and_then_work() throws Exception {
        final Replica first = start(1);
        assertThat(first.awaitReady(ALONE_NS)).isFalse();
        assertThat(first.status().notReady())
                .startsWith("waits for its first start")
                .contains("not yet: 2, 3");
        assertThat(first.submit(new byte[Long.BYTES], 1).get())
                .isInstanceOfSatisfying(
                        Outcome.NotChosen.class,
                        outcome -> assertThat(outcome.reason()).isEqualTo(Reason.WAITING));
        assertThat(start(2).awaitReady(ALONE_NS)).isFalse();
        start(3);

        for (final Replica replica : replicas) {
            assertThat(replica.awaitReady(PATIENCE_NS)).isTrue();
            assertThat(replica.status().isReady()).isTrue();
            assertThat(replica.submit(new byte[Long.BYTES]).get()).isInstanceOf(Outcome.Chosen.class);
        }
    }
}
