package io.paxos.testkit.lessons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.log.ChronicleLog;
import io.paxos.testkit.FreeAddresses;
import io.paxos.transport.tcp.TcpTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Paxos presumes is checked, with production logs over TCP. See docs/lessons.md. */
class IdentityLessonsTest {
    private static final int PATIENCE_S = 60; // far more than the moment that it takes
    private static final byte[] COMMAND = new byte[Long.BYTES];

    @TempDir
    Path temporary;

    private final List<Replica> started = new ArrayList<>();
    private final Map<Integer, CompletableFuture<Throwable>> faults = new HashMap<>();

    @AfterEach
    void close() {
        started.forEach(Replica::close);
    }

    private Path directory(final int id) {
        return temporary.resolve("replica-" + id);
    }

    private Replica start(final int id, final Map<Integer, InetSocketAddress> addresses) {
        return start(id, directory(id), addresses, Members.of(1, 2, 3));
    }

    private Replica start(
            final int id,
            final Path directory,
            final Map<Integer, InetSocketAddress> addresses,
            final Members members) {
        final CompletableFuture<Throwable> fault = new CompletableFuture<>();
        faults.put(id, fault);
        final ChronicleLog log = ChronicleLog.open(directory);
        final TcpTransport transport = TcpTransport.listen(id, addresses);
        try {
            final Replica replica = Replica.builder(id)
                    .members(members)
                    .log(log)
                    .transport(transport)
                    .stateMachine(new Tally())
                    .timeoutNs(TimeUnit.SECONDS.toNanos(PATIENCE_S / 2))
                    .listener(new ReplicaListener() {
                        @Override
                        public void onFault(final Throwable cause) {
                            fault.complete(cause);
                        }
                    })
                    .start();
            started.add(replica);
            return replica;
        } catch (final RuntimeException e) {
            transport.close();
            log.close();
            throw e;
        }
    }

    private Throwable fault(final int id) throws Exception {
        return faults.get(id).get(PATIENCE_S, TimeUnit.SECONDS);
    }

    private static Outcome.Chosen choose(final Replica replica) throws Exception {
        final Outcome outcome = replica.submit(COMMAND).get(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(Outcome.Chosen.class);
        return (Outcome.Chosen) outcome;
    }

    private List<Replica> cluster(final Map<Integer, InetSocketAddress> addresses) throws Exception {
        final List<Replica> replicas = List.of(start(1, addresses), start(2, addresses), start(3, addresses));
        for (final Replica replica : replicas) {
            choose(replica); // so each one has had messages of a leader, and the leader of each one
        }
        return replicas;
    }

    @Test
    void three_empty_logs_agree_on_the_id_of_their_cluster_and_keep_it() throws Exception {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
        final List<Replica> replicas = cluster(addresses);
        final long clusterId = replicas.get(0).status().clusterId();
        assertThat(clusterId).isNotZero();
        assertThat(replicas)
                .allSatisfy(replica -> assertThat(replica.status().clusterId()).isEqualTo(clusterId));
        replicas.forEach(Replica::close);

        final Replica two = start(2, addresses);
        final Replica three = start(3, addresses);
        choose(three);
        assertThat(two.status().clusterId()).isEqualTo(clusterId);
    }

    @Test
    void an_empty_log_waits_for_all_and_says_for_whom() throws Exception {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
        final Replica one = start(1, addresses);
        final Replica two = start(2, addresses);
        final CompletableFuture<Outcome> outcome = one.submit(COMMAND);
        assertThat(one.status().waiting()).contains("3");
        assertThat(two.status().waiting()).contains("3");
        assertThat(outcome).isNotDone();
        start(3, addresses);
        assertThat(outcome.get(PATIENCE_S, TimeUnit.SECONDS)).isInstanceOf(Outcome.Chosen.class);
        assertThat(one.status().waiting()).isNull();
    }

    /** F3: the directory of one of three is emptied, and it starts again: an acknowledged command could be lost. */
    @Test
    void an_emptied_directory_never_votes_as_the_old_one_and_the_others_go_on() throws Exception {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
        final List<Replica> replicas = cluster(addresses);
        replicas.get(2).close();
        delete(directory(3));
        start(3, addresses);
        assertThat(fault(3)).hasMessageContaining("the directory is empty, or another one");
        choose(replicas.get(0));
        choose(replicas.get(1));
    }

    /** F17: a copy of the directory that is older than what the others have had messages from. */
    @Test
    void an_older_copy_of_a_directory_never_votes_and_is_never_used_again() throws Exception {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
        final List<Replica> replicas = cluster(addresses);
        replicas.get(2).close();
        final Path older = temporary.resolve("older");
        copy(directory(3), older);
        final Replica again = start(3, addresses);
        choose(again);
        again.close();

        start(3, older, addresses, Members.of(1, 2, 3));
        assertThat(fault(3)).hasMessageContaining("an older copy");
        started.get(started.size() - 1).close();
        assertThatThrownBy(() -> start(3, older, addresses, Members.of(1, 2, 3)))
                .hasMessageContaining("this log must not be used any more");

        choose(start(3, addresses));
    }

    /** F29, F3: a second process under the id of a running member, with a directory and a port of its own. */
    @Test
    void a_second_process_with_a_known_id_is_refused_and_the_first_one_stays() throws Exception {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
        final List<Replica> replicas = cluster(addresses);
        final Map<Integer, InetSocketAddress> elsewhere = new HashMap<>(addresses);
        elsewhere.put(3, FreeAddresses.of(9).get(9));
        start(3, temporary.resolve("second"), elsewhere, Members.of(1, 2, 3));
        assertThat(fault(3)).hasMessageContaining("the directory is empty, or another one");
        for (final Replica replica : replicas) {
            choose(replica);
        }
    }

    /** F15: one wrong address: a replica of cluster B has the address of a replica of cluster A. */
    @Test
    void a_wrong_address_mixes_no_two_clusters() throws Exception {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3);
        final List<Replica> replicas = cluster(addresses);
        final Map<Integer, InetSocketAddress> mixed = new HashMap<>(FreeAddresses.of(1, 2, 3));
        mixed.put(3, addresses.get(3));
        final Replica stranger = start(1, temporary.resolve("other-1"), mixed, Members.of(1, 2, 3));
        final Replica second = start(2, temporary.resolve("other-2"), mixed, Members.of(1, 2, 3));
        final long slot = choose(replicas.get(0)).slot();
        assertThat(stranger.status().appliedThrough()).isZero();
        assertThat(second.status().waiting()).isNotNull();
        assertThat(choose(replicas.get(2)).slot()).isGreaterThan(slot);
    }

    /** F16: stopped, the list of members edited, started again. */
    @Test
    void an_edited_list_of_members_is_refused_by_the_log() throws Exception {
        final Map<Integer, InetSocketAddress> addresses = FreeAddresses.of(1, 2, 3, 4);
        cluster(addresses).forEach(Replica::close);
        assertThatThrownBy(() -> start(2, directory(2), addresses, Members.of(2, 3, 4)))
                .hasMessageContaining("members: 1,2,3 in the log, 2,3,4 given now");
        assertThatThrownBy(() -> start(1, directory(1), addresses, Members.of(1)))
                .hasMessageContaining("members: 1,2,3 in the log, 1 given now");
    }

    private static void delete(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void copy(final Path from, final Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (final Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
