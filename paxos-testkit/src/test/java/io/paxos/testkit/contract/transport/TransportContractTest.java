package io.paxos.testkit.contract.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.paxos.spi.Transport;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Each broken transport fails the contract, and the failure names the broken promise. jqwik runs the contract as a user
 * runs it.
 */
class TransportContractTest {
    private static final int MAILBOX_BYTES = 1 << 20;
    private static final int VALUE_LENGTH_MAX = 64 << 10;

    private static final Pattern DIAGRAM = Pattern.compile("its space-time diagram: (file:\\S+)");

    private static final String FIDELITY = "nothing_is_invented_altered_or_misdelivered";
    private static final String BURST = "a_burst_arrives_as_completely_and_in_the_order_promised";

    private static BiFunction<Integer, Transport, Transport> breaker; // of the transport under contract now
    private static int valueLengthMax;
    private static Duration patience;

    /** A user's contract test of the transport under test. Nested, so that Surefire does not run it by itself. */
    static class Contract extends TransportContract {
        private final InProcessNetwork network = new InProcessNetwork(MAILBOX_BYTES, VALUE_LENGTH_MAX);
        private final BiFunction<Integer, Transport, Transport> opening = breaker; // stays, unlike that of the test

        @Override
        protected Transport open(final int self, final Set<Integer> members) {
            return opening.apply(self, network.transport(self));
        }

        @Override
        protected TransportCapabilities capabilities() {
            return TransportCapabilities.datagrams(valueLengthMax)
                    .inOrder()
                    .withoutLoss(MAILBOX_BYTES / 2)
                    .withoutDuplicates()
                    .pollOvershoot(0);
        }

        @Override
        protected Duration patience() {
            return patience;
        }
    }

    /** What came of a run: how many properties ran, which failures there were, and jqwik's report. */
    private record Verdict(int properties, List<Throwable> failures, String report) {}

    static Stream<Arguments> brokenTransports() {
        final String each = "each_message_arrives_as_it_was_sent";
        final String absent = "an_absent_peer_blocks_nothing_throws_nothing_and_can_come_back";
        final String leaks = "close_gives_everything_back";
        final String confirmed = "a_sender_is_confirmed_before_its_first_message";
        final String refused = "nothing_is_delivered_between_members_that_refuse_each_other";
        return Stream.of(
                        broken(BrokenTransports.Loses::new, BURST, TransportPromise.LOSSLESS),
                        broken(BrokenTransports.Doubles::new, BURST, TransportPromise.ONCE),
                        broken(BrokenTransports.Reorders::new, BURST, TransportPromise.ORDERED),
                        broken(BrokenTransports.SwapsBytes::new, FIDELITY, TransportPromise.UNALTERED),
                        broken(BrokenTransports.Truncates::new, FIDELITY, TransportPromise.UNALTERED),
                        broken(BrokenTransports.CopiesLate::new, FIDELITY, TransportPromise.UNALTERED),
                        broken(BrokenTransports.ReusesItsBuffer::new, BURST, TransportPromise.UNALTERED),
                        broken(BrokenTransports.NarrowsAField::new, each, TransportPromise.UNALTERED),
                        broken(BrokenTransports.CannotSendReadAt::new, each, TransportPromise.REACHES),
                        broken(BrokenTransports.Misdelivers::new, FIDELITY, TransportPromise.RIGHT_RECEIVER),
                        broken(BrokenTransports.NamesAnotherSender::new, FIDELITY, TransportPromise.TRUE_SENDER),
                        broken(
                                BrokenTransports.DeliversInAwait::new,
                                "an_arrival_ends_the_wait",
                                TransportPromise.ONLY_IN_POLL),
                        broken(BrokenTransports.Miscounts::new, FIDELITY, TransportPromise.POLL_COUNT),
                        broken(
                                BrokenTransports.IgnoresTheLimit::new,
                                "a_poll_keeps_about_to_its_limit",
                                TransportPromise.POLL_LIMIT),
                        broken(
                                BrokenTransports.SharesItsBuffer::new,
                                "a_payload_stays_as_it_is_while_the_receiver_sends",
                                TransportPromise.STEADY_VIEW),
                        broken(
                                BrokenTransports.DeliversAfterClose::new,
                                "nothing_is_delivered_or_sent_after_close",
                                TransportPromise.NOTHING_AFTER_CLOSE),
                        broken(BrokenTransports.BlocksInFlush.network(), absent, TransportPromise.NEVER_BLOCKS),
                        broken(BrokenTransports.Throws::new, absent, TransportPromise.NEVER_THROWS),
                        broken(BrokenTransports.StaysAway::new, absent, TransportPromise.COMES_BACK),
                        broken(
                                BrokenTransports.LosesWakeups::new,
                                "a_wakeup_before_the_wait_ends_it",
                                TransportPromise.WAKES),
                        broken(
                                BrokenTransports.SleepsOn::new,
                                "an_arrival_ends_the_wait",
                                TransportPromise.WAKES_ON_ARRIVAL),
                        broken(
                                BrokenTransports.NeverTimesOut::new,
                                "the_time_ends_the_wait",
                                TransportPromise.TIMES_OUT),
                        broken(
                                BrokenTransports.LosesLongValues::new,
                                "values_up_to_the_longest_are_carried",
                                TransportPromise.VALUE_LENGTH),
                        broken(
                                BrokenTransports.CarriesMore::new,
                                "a_longer_value_is_dropped_or_refused",
                                TransportPromise.TOO_LONG),
                        broken(BrokenTransports.CutsTheCard::new, confirmed, TransportPromise.CARD),
                        broken(BrokenTransports.NeverConfirms::new, confirmed, TransportPromise.CONFIRMED),
                        broken(BrokenTransports.AdmitsEverybody::new, refused, TransportPromise.VERDICT),
                        broken(BrokenTransports.ConfirmsEverybody::new, refused, TransportPromise.VERDICT),
                        broken(
                                BrokenTransports.KeepsTheFirstCard::new,
                                "a_changed_card_is_told_before_the_next_message",
                                TransportPromise.NEW_CARD),
                        broken(BrokenTransports.LeaksThreads::new, leaks, TransportPromise.NO_LEFT_THREADS),
                        broken(BrokenTransports.LeaksSockets::new, leaks, TransportPromise.NO_LEFT_FILES),
                        broken(
                                BrokenTransports.ThrowsLater::new,
                                "replicas_agree_over_it_whatever_the_network_does",
                                TransportPromise.KEEPS_RUNNING),
                        broken(
                                BrokenTransports.FallsSilent::new,
                                "replicas_agree_over_it_whatever_the_network_does",
                                TransportPromise.CONVERGENCE))
                .filter(broken -> broken.get()[2] != TransportPromise.NO_LEFT_FILES || seesDescriptors());
    }

    private static boolean seesDescriptors() {
        return Files.isDirectory(Path.of("/proc/self/fd"));
    }

    private static Arguments broken(
            final BiFunction<Integer, Transport, Transport> broken,
            final String property,
            final TransportPromise promise) {
        return arguments(broken, property, promise);
    }

    @AfterAll
    static void clean() throws IOException {
        BrokenTransports.LeaksThreads.end();
        BrokenTransports.LeaksSockets.end();
    }

    @ParameterizedTest(name = "{2}: {1}")
    @MethodSource("brokenTransports")
    void a_broken_transport_fails_by_the_name_of_its_broken_promise(
            final BiFunction<Integer, Transport, Transport> broken,
            final String property,
            final TransportPromise promise) {
        patience = Duration.ofSeconds(promise == TransportPromise.KEEPS_RUNNING ? 20 : 1); // that one fails at once
        final Verdict verdict = run(broken, selectMethod(Contract.class, method(property)));
        assertThat(verdict.failures).as(property).singleElement().isInstanceOf(AssertionError.class);
        assertThat(verdict.failures.get(0).getMessage()).startsWith("broken promise: " + promise.message() + "\n");
        assertThat(verdict.report).contains("seed = ");
        if (property.equals(FIDELITY) || property.equals(BURST)) {
            assertThat(verdict.report).as("the sends").contains("Sample", "sends:");
        }
    }

    @Test
    void replicas_that_do_not_agree_leave_a_diagram_and_the_failure_names_its_file() throws Exception {
        patience = Duration.ofSeconds(1);
        final Method replicas = method("replicas_agree_over_it_whatever_the_network_does");
        final Verdict verdict = run(BrokenTransports.FallsSilent::new, selectMethod(Contract.class, replicas));
        assertThat(verdict.failures).hasSize(1);
        final Matcher link = DIAGRAM.matcher(verdict.failures.get(0).getMessage());
        assertThat(link.find()).as(verdict.failures.get(0).getMessage()).isTrue();
        assertThat(Path.of(URI.create(link.group(1))))
                .hasFileName("Contract.html")
                .content()
                .contains("Contract: three replicas", TransportPromise.CONVERGENCE.message());
    }

    @Test
    void a_replica_that_stops_fails_the_contract_at_once_and_the_diagram_opens_where_it_stopped() throws Exception {
        patience = Duration.ofMinutes(2);
        final long startNs = System.nanoTime();
        final Method replicas = method("replicas_agree_over_it_whatever_the_network_does");
        final Verdict verdict = run(BrokenTransports.ThrowsLater::new, selectMethod(Contract.class, replicas));
        assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(patience);
        final String message = verdict.failures.get(0).getMessage();
        assertThat(message).contains("has stopped: java.lang.IllegalStateException: the connection is in an illegal");
        final Matcher link = DIAGRAM.matcher(message);
        assertThat(link.find()).as(message).isTrue();
        assertThat(Path.of(URI.create(link.group(1))))
                .content()
                .containsPattern("\"rule\":\"" + TransportPromise.KEEPS_RUNNING.message()
                        + "\",\"expected\":\"replica \\d runs\"");
    }

    /** So a broken transport fails because of what breaks it, and not because of how it is made. */
    @Test
    void the_transport_that_the_broken_ones_are_made_of_keeps_the_contract() {
        patience = Duration.ofSeconds(20);
        final Verdict verdict = run(BrokenTransport::new, selectClass(Contract.class));
        assertThat(verdict.failures).isEmpty();
        assertThat(verdict.properties).isGreaterThan(15);
    }

    @Test
    void every_try_has_ended_when_the_property_has_ended() {
        patience = Duration.ofSeconds(1);
        final AtomicInteger open = new AtomicInteger();
        final Verdict verdict = run(
                (self, sound) -> new BrokenTransports.OpensSlowly(self, sound, open),
                selectMethod(Contract.class, method(FIDELITY)),
                1);
        assertThat(open).as("members of tries that still run").hasValue(0);
        assertThat(verdict.failures).hasSize(1);
    }

    private static Verdict run(
            final BiFunction<Integer, Transport, Transport> broken, final DiscoverySelector selector) {
        return run(broken, selector, 60); // the contract ends it earlier
    }

    private static Verdict run(
            final BiFunction<Integer, Transport, Transport> broken,
            final DiscoverySelector selector,
            final int shrinkingSeconds) {
        breaker = broken;
        try (Transport one = broken.apply(1, new InProcessNetwork(MAILBOX_BYTES, VALUE_LENGTH_MAX).transport(1))) {
            valueLengthMax = one.valueLengthMax();
        }
        final LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selector)
                .configurationParameter("jqwik.reporting.usejunitplatform", "true")
                .configurationParameter("jqwik.shrinking.bounded.seconds", String.valueOf(shrinkingSeconds))
                .configurationParameter("jqwik.database", "") // a file would be shared with a run beside this one
                .configurationParameter("jqwik.failures.after.default", "RANDOM_SEED")
                .build();
        final List<TestIdentifier> finished = new ArrayList<>();
        final List<Throwable> failures = new ArrayList<>();
        final StringBuilder report = new StringBuilder();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(final TestIdentifier test, final TestExecutionResult result) {
                if (test.isTest()) {
                    finished.add(test);
                }
                result.getThrowable().ifPresent(failures::add);
            }

            @Override
            public void reportingEntryPublished(final TestIdentifier test, final ReportEntry entry) {
                entry.getKeyValuePairs().values().forEach(report::append);
            }
        });
        return new Verdict(finished.size(), failures, report.toString());
    }

    private static Method method(final String name) {
        return Stream.of(TransportContract.class.getMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
