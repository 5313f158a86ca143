package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.trace.Event;
import io.paxos.testkit.trace.Kind;
import io.paxos.testkit.trace.Message;
import io.paxos.testkit.trace.Recorder;
import io.paxos.testkit.trace.SpaceTime;
import io.paxos.testkit.trace.SpaceTimeHtml;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The diagrams of simulated runs. */
class DiagramsTest {
    private static final long MS = Setup.MILLISECOND;
    private static final int SEEDS = 30;

    @Test
    void the_same_seed_is_the_same_page() {
        final String page = SpaceTimeHtml.text(Diagrams.ofSeed(7));
        assertThat(SpaceTimeHtml.text(Diagrams.ofSeed(7))).isEqualTo(page);
        assertThat(SpaceTimeHtml.text(Diagrams.ofSeed(8))).isNotEqualTo(page);
    }

    @Test
    void to_be_recorded_changes_nothing() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            final Simulation.Result plain = Simulation.run(seed);
            final Simulation.Result recorded = Simulation.runRecorded(seed, line -> {}, new Recorder());
            assertThat(recorded.traceHash()).as("seed %d", seed).isEqualTo(plain.traceHash());
            assertThat(recorded.events()).as("seed %d", seed).isEqualTo(plain.events());
        }
    }

    @Test
    void a_partition_and_a_crash_are_seen() {
        final SpaceTime run = partitionAndCrash();
        assertThat(run.cuts()).hasSize(4).allMatch(cut -> cut.untilNs() > cut.fromNs());
        assertThat(run.events())
                .extracting(Event::kind)
                .contains(
                        Kind.SEND,
                        Kind.RECEIVE,
                        Kind.PROMISED,
                        Kind.ACCEPTED,
                        Kind.SYNCED,
                        Kind.CHOSEN,
                        Kind.LEARNED,
                        Kind.APPLIED,
                        Kind.ROLE,
                        Kind.STARTED,
                        Kind.CRASHED,
                        Kind.CLIENT);
        assertThat(run.messages())
                .extracting(Message::lostWhy)
                .contains("the link is cut", "the receiver does not take it");
        assertThat(run.violation()).isNull();
    }

    @Test
    void a_promise_is_written_and_synced_before_it_is_given() {
        final List<Event> events = partitionAndCrash().events();
        for (final Message message : partitionAndCrash().messages()) {
            if (message.text().type().equals("promise")) {
                final List<Event> own = events.subList(0, message.sentEvent()).stream()
                        .filter(event -> event.process() == message.from())
                        .toList();
                final int written = lastIndex(own, Kind.PROMISED);
                assertThat(own.get(written).ballot()).isEqualTo(message.text().ballot());
                assertThat(lastIndex(own, Kind.SYNCED)).isGreaterThan(written);
            }
        }
    }

    @Test
    void a_diagram_of_a_schedule_shows_its_steps() {
        final Schedule schedule =
                new Schedule(3, List.of(new Step(Step.Kind.RUN, 0, 500), new Step(Step.Kind.SUBMIT, Step.LEADER, 2)));
        final SpaceTime run = Diagrams.of(schedule);
        assertThat(run.events())
                .filteredOn(event -> event.kind() == Kind.NOTE)
                .extracting(Event::text)
                .containsExactly("give the leader 3 commands");
        assertThat(run.notes()).contains(schedule.toString());
    }

    @Test
    void a_broken_rule_ends_the_diagram() {
        final SpaceTime run = Diagrams.of(Setup.of(3), cluster -> {
            cluster.runFor(30 * MS);
            throw new InvariantViolation("a rule", "this", "that", null);
        });
        assertThat(run.violation().rule()).isEqualTo("a rule");
        assertThat(run.violation().expected()).isEqualTo("this");
        assertThat(run.violation().actual()).isEqualTo("that");
        assertThat(run.violation().event()).isEqualTo(run.events().size() - 1);
    }

    @Test
    void a_failure_names_the_address_of_its_diagram() throws Exception {
        final Recorder recorder = new Recorder().title("here");
        final String text = Diagrams.written("a test/of: names", recorder);
        assertThat(text)
                .startsWith("its space-time diagram: file:///")
                .endsWith("/target/paxos-diagrams/a_test_of__names.html");
        final Path path = Path.of(URI.create(text.substring(text.indexOf("file:"))));
        assertThat(Files.readString(path)).contains("<title>here</title>");
        Files.delete(path);
    }

    static SpaceTime partitionAndCrash() {
        return Diagrams.of(Setup.of(3).seed(5), cluster -> {
            cluster.runUntil(() -> cluster.leader() != 0, 1_000 * MS);
            final int first = cluster.leader();
            cluster.submitTo(first);
            cluster.runFor(5 * MS);
            cluster.network().isolate(first);
            cluster.submitTo(first);
            cluster.runUntil(() -> cluster.leader() != first, 1_000 * MS);
            final int second = cluster.leader();
            cluster.submitTo(second);
            cluster.runFor(5 * MS);
            cluster.network().mendAll();
            cluster.runFor(20 * MS);
            cluster.crash(second);
            cluster.runUntil(() -> cluster.leader() != 0, 1_000 * MS);
            cluster.restart(second);
            cluster.submitTo(cluster.leader());
            cluster.runFor(30 * MS);
        });
    }

    private static int lastIndex(final List<Event> events, final Kind kind) {
        for (int i = events.size() - 1; i >= 0; i--) {
            if (events.get(i).kind() == kind) {
                return i;
            }
        }
        return -1;
    }
}
