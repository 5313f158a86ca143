package io.paxos.testkit.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Replica;
import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.log.ChronicleLog;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three real replicas, recorded over their transport. */
class RecordingTransportTest {
    private static final byte[] COMMAND = {1, 2, 3};

    @Test
    @Timeout(60)
    void three_replicas_become_a_diagram(@TempDir final Path directory) throws Exception {
        final Recordings recordings = new Recordings(new Recorder().title("Three replicas"));
        final InProcessNetwork network = new InProcessNetwork();
        final List<Replica> replicas = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            replicas.add(replica(id, directory, network, recordings));
        }
        try {
            for (final Replica replica : replicas) {
                submit(replica);
            }
        } finally {
            replicas.forEach(Replica::close);
        }
        final SpaceTime run = recordings.recorder().spaceTime();

        assertThat(run.lifelines()).extracting(Lifeline::process).containsExactly(1, 2, 3);
        assertThat(run.events()).extracting(Event::kind).contains(Kind.STARTED, Kind.ROLE, Kind.STOPPED);
        assertThat(run.events())
                .as("nothing was received that was not sent")
                .noneMatch(event -> event.text().contains("not recorded"));
        assertThat(run.messages())
                .filteredOn(message -> message.receivedEvent() != Message.NONE)
                .extracting(message -> message.text().type())
                .contains("prepare", "promise", "accept", "accepted", "chosen", "ping", "pong");
        isInOrder(run);
        assertThat(SpaceTimeHtml.text(run)).contains("Three replicas");
    }

    @Test
    void what_a_replica_reports_is_recorded_and_passed_on() {
        final Recordings recordings = new Recordings(new Recorder(), () -> 7);
        final List<String> reports = new ArrayList<>();
        final ReplicaListener listener = recordings
                .transport(1, new InProcessNetwork().transport(1))
                .listener(new ReplicaListener() {
                    @Override
                    public void onRole(final Status.Role role, final int leaderId, final long ballot) {
                        reports.add(role + " " + leaderId + " " + ballot);
                    }

                    @Override
                    public void onFault(final Throwable cause) {
                        reports.add(cause.getMessage());
                    }
                });
        listener.onRole(Status.Role.LEADER, 1, 65537);
        listener.onFault(new IllegalStateException("the disk"));
        assertThat(reports).containsExactly("LEADER 1 65537", "the disk");
        assertThat(recordings.recorder().spaceTime().events())
                .extracting(Event::kind)
                .containsExactly(Kind.STARTED, Kind.ROLE, Kind.STOPPED);
    }

    /** The logical clock rises along each process and each message. */
    private static void isInOrder(final SpaceTime run) {
        final Map<Integer, Long> latest = new HashMap<>();
        for (final Event event : run.events()) {
            assertThat(event.lamport()).isGreaterThan(latest.getOrDefault(event.process(), 0L));
            latest.put(event.process(), event.lamport());
        }
        for (final Message message : run.messages()) {
            if (message.receivedEvent() != Message.NONE) {
                assertThat(run.events().get(message.receivedEvent()).lamport())
                        .isGreaterThan(run.events().get(message.sentEvent()).lamport());
            }
        }
    }

    private static Replica replica(
            final int id, final Path directory, final InProcessNetwork network, final Recordings recordings) {
        final RecordingTransport transport = recordings.transport(id, network.transport(id));
        return Replica.builder(id)
                .members(Members.of(1, 2, 3))
                .log(ChronicleLog.open(directory.resolve("" + id), 1, id))
                .transport(transport)
                .listener(transport.listener(ReplicaListener.NONE))
                .stateMachine(new Nothing())
                .heartbeatIntervalNs(TimeUnit.MILLISECONDS.toNanos(10))
                .start();
    }

    /** Until it is chosen: there may be no leader yet. */
    private static void submit(final Replica replica) throws Exception {
        Outcome outcome;
        do {
            outcome = replica.submit(COMMAND).get();
        } while (!(outcome instanceof Outcome.Chosen));
    }

    private static final class Nothing implements StateMachine {
        @Override
        public void apply(final Command command, final Reply reply) {}

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {}
    }
}
