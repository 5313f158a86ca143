package io.paxos.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.Reason;
import io.paxos.Replica;
import io.paxos.SynodReplica;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Probe;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a builder is given is compared, and what is wrong is told in one line. */
class BuilderTest {
    private final ManualTransport transport = new ManualTransport();

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65536})
    void an_id_that_is_none_is_refused_at_once(final int id) {
        final String message = "a replica id must be 1..65535: " + id;
        assertThatThrownBy(() -> Replica.builder(id)).hasMessage(message);
        assertThatThrownBy(() -> SynodReplica.builder(id)).hasMessage(message);
    }

    @Test
    void a_transport_of_another_replica_is_refused() {
        transport.self = 3;
        final String message = "this is replica 1, but its transport sends as replica 3";
        assertThatThrownBy(() -> replica(new ManualLog())).hasMessage(message);
        assertThatThrownBy(() -> synod(new ManualLog())).hasMessage(message);
    }

    @Test
    void a_log_of_another_replica_is_refused() {
        final AcceptorLog log = logOf(2);
        final String message = "this is replica 1, but its log belongs to replica 2";
        assertThatThrownBy(() -> replica(log)).hasMessage(message);
        assertThatThrownBy(() -> synod(log)).hasMessage(message);
    }

    @Test
    void addresses_that_lack_a_member_are_refused() {
        transport.unknown = 3;
        final String message = "the transport of replica 1 has no address for member 3 of 1,2,3";
        assertThatThrownBy(() -> replica(new ManualLog())).hasMessage(message);
        assertThatThrownBy(() -> synod(new ManualLog())).hasMessage(message);
    }

    @Test
    void one_log_and_one_transport_have_one_user_until_it_is_closed() {
        final ManualLog log = new ManualLog();
        final Replica first = replica(log);
        assertThatThrownBy(() -> synod(log))
                .hasMessage("the log given to replica 1 is in use by replica 1:"
                        + " open another one, or close that replica first");
        assertThatThrownBy(() -> replica(new ManualLog()))
                .hasMessageStartingWith("the transport given to replica 1 is");
        first.close();
        final SynodReplica second = synod(log);
        assertThatThrownBy(() -> replica(log)).hasMessageStartingWith("the log given to replica 1 is in use");
        second.close();
        replica(log).close();
    }

    @Test
    void what_was_refused_can_be_given_again() {
        final ManualLog log = new ManualLog();
        final Replica other = Replica.builder(1)
                .members(Members.of(1))
                .log(new ManualLog())
                .transport(transport)
                .stateMachine(new LockstepCluster.Counter())
                .host();
        assertThatThrownBy(() -> replica(log)).hasMessageStartingWith("the transport given");
        other.close();
        replica(log).close();
    }

    @Test
    void a_probe_is_told_of_each_applied_slot() {
        final List<Long> applied = new ArrayList<>();
        final LockstepCluster cluster = new LockstepCluster(
                1,
                builder -> builder.probe(new Probe() {
                    @Override
                    public void applied(final long slot) {
                        applied.add(slot);
                    }
                }));
        cluster.until(cluster::hasLeader);
        final var outcome = cluster.replicas.get(0).submit(LockstepCluster.number(1));
        cluster.until(outcome::isDone);
        final long slot = ((Outcome.Chosen) outcome.join()).slot();
        assertThat(applied).last().isEqualTo(slot);
        assertThat(applied).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void after_a_fault_each_refusal_names_it() {
        final LockstepCluster cluster = new LockstepCluster(1, builder -> {});
        cluster.until(cluster::hasLeader);
        final Replica replica = cluster.replicas.get(0);
        final var poison = replica.submit(new byte[0]); // the counter wants eight bytes
        cluster.until(poison::isDone);
        final String fault = "the replica has stopped: " + replica.status().fault();

        assertThat(poison.join()).isEqualTo(new Outcome.Unknown(fault));
        assertThat(replica.submit(LockstepCluster.number(1)).join())
                .isEqualTo(new Outcome.NotChosen(Reason.FAULTED, fault));
        assertThatThrownBy(() -> replica.read(new byte[0], Read.LOCAL).join()).hasMessageContaining(fault);
    }

    @Test
    void a_chosen_outcome_prints_and_compares_what_it_holds() {
        assertThat(new Outcome.Chosen(1, LockstepCluster.number(5)))
                .hasToString("Chosen[slot=1, reply=8 bytes 05 00 00 00 00 00 00 00]")
                .isEqualTo(new Outcome.Chosen(1, LockstepCluster.number(5)))
                .hasSameHashCodeAs(new Outcome.Chosen(1, LockstepCluster.number(5)))
                .isNotEqualTo(new Outcome.Chosen(1, LockstepCluster.number(6)))
                .isNotEqualTo(new Outcome.Chosen(2, LockstepCluster.number(5)));
        assertThat(new Outcome.Chosen(2, new byte[17])).asString().endsWith("17 bytes" + " 00".repeat(16) + " ...]");
        assertThat(new Outcome.Chosen(3, new byte[0])).hasToString("Chosen[slot=3, reply=0 bytes]");
        assertThat(new Outcome.Chosen(3, new byte[1])).hasToString("Chosen[slot=3, reply=1 byte 00]");
    }

    private Replica replica(final AcceptorLog log) {
        return Replica.builder(1)
                .members(Members.of(1, 2, 3))
                .log(log)
                .transport(transport)
                .stateMachine(new LockstepCluster.Counter())
                .host();
    }

    private SynodReplica synod(final AcceptorLog log) {
        return SynodReplica.builder(1)
                .members(Members.of(1, 2, 3))
                .log(log)
                .transport(transport)
                .host();
    }

    /** A log that knows whose it is. */
    private static AcceptorLog logOf(final int replica) {
        final ManualLog log = new ManualLog();
        return (AcceptorLog) Proxy.newProxyInstance(
                AcceptorLog.class.getClassLoader(),
                new Class<?>[] {AcceptorLog.class},
                (proxy, method, arguments) ->
                        method.getName().equals("replica") ? replica : method.invoke(log, arguments));
    }
}
