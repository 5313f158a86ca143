package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.paxos.spi.Transport;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** A contract that nothing fails is worth nothing. */
class BrokenOnPurposeTest {
    /** Loses each fourth frame. */
    private static final class Leaky extends QueueTransport {
        private int frames;

        Leaky(final int self, final Map<Integer, BlockingQueue<byte[]>> network) {
            super(self, network);
        }

        @Override
        boolean send(final int to, final byte[] frame) {
            return ++frames % 4 != 0 && super.send(to, frame);
        }
    }

    static class LeakyTest extends QueueTransportTest {
        private final Map<Integer, BlockingQueue<byte[]>> network = new ConcurrentHashMap<>();

        @Override
        protected Transport open(final int self, final Set<Integer> members) {
            return new Leaky(self, network);
        }
    }

    /** Remembers across lives: a replica that restarts would not be as it was. */
    private static final class Haunted extends RegisterMachine {
        private static long commands;

        @Override
        public void apply(final Command command, final Reply reply) {
            super.apply(command, reply);
            value += ++commands;
        }
    }

    static class HauntedTest extends RegisterMachineTest {
        @Override
        protected StateMachine create() {
            return new Haunted();
        }
    }

    @Test
    void a_transport_that_loses_what_it_promised_to_carry_fails_by_that_promise() {
        assertBroken(
                LeakyTest.class,
                "a_burst_arrives_as_completely_and_in_the_order_promised(java.util.List)",
                "broken promise: a lossless transport loses nothing while both members are open");
    }

    @Test
    void a_machine_with_memories_of_another_life_fails_by_the_promise_to_be_deterministic() {
        assertBroken(
                HauntedTest.class,
                "the_same_commands_give_the_same_replies_and_then_the_same_answers()",
                "broken promise: the same commands give the same replies in each instance",
                "broken promise: after the same commands each instance answers the same queries alike");
    }

    private static void assertBroken(final Class<?> contract, final String property, final String... promises) {
        final LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(contract.getName() + "#" + property))
                .configurationParameter("jqwik.database", "")
                .configurationParameter("jqwik.shrinking.bounded.seconds", "1")
                .configurationParameter("jqwik.reporting.usejunitplatform", "true") // and not to standard output
                .build();
        final SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        final TestExecutionSummary summary = listener.getSummary();
        assertEquals(1, summary.getTestsFailedCount(), contract::getName);
        final String message = summary.getFailures().get(0).getException().getMessage();
        assertTrue(Stream.of(promises).anyMatch(message::startsWith), message); // which one, is up to the inputs
    }
}
