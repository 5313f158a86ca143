package io.paxos.testkit.contract;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs a contract as a user's build does, and collects the failures. */
public final class Contracts {
    private Contracts() {}

    /** {@code run}: how many properties; {@code failures}: why those that failed did. */
    public record Outcome(int run, List<Throwable> failures) {
        /** What the failures that are a {@link BrokenPromise} are about, each once. */
        public List<String> brokenPromises() {
            return failures.stream()
                    .filter(BrokenPromise.class::isInstance)
                    .map(failure -> ((BrokenPromise) failure).promise())
                    .distinct()
                    .toList();
        }
    }

    /** Runs the tests of the class with jqwik. */
    public static Outcome run(final Class<?> contract) {
        final LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(contract))
                .filters(EngineFilter.includeEngines("jqwik"))
                .configurationParameter("jqwik.database", "")
                .configurationParameter("jqwik.reporting.usejunitplatform", "true")
                .build();
        final List<Throwable> failures = new ArrayList<>();
        final int[] run = {0};
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(final TestIdentifier test, final TestExecutionResult result) {
                run[0] += test.isTest() ? 1 : 0;
                result.getThrowable().ifPresent(failures::add);
            }
        });
        return new Outcome(run[0], failures);
    }
}
