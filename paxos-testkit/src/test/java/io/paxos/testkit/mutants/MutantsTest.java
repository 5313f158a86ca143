package io.paxos.testkit.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Plants each bug of {@link Mutant#ALL} in turn and prints which layers of tests catch it. Not part of the build:
 *
 * <pre>
 * mvn -B -pl paxos-testkit -am test -Dtest=MutantsTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dpaxos.mutants=all
 * </pre>
 *
 * <p>{@code -Dpaxos.mutants=TEXT} plants those with TEXT in their name. {@code -Dpaxos.seeds=N} sets the number of
 * seeds. Each mutant is compiled beside the real classes and loaded, with the tests, by a class loader of its own.
 */
@EnabledIfSystemProperty(named = "paxos.mutants", matches = ".+")
class MutantsTest {
    private static final Path LOG_CLASSES = Path.of("../paxos-log/target/classes");
    private static final Path CORE_TESTS = Path.of("../paxos-core/target/test-classes");
    private static final List<Path> CLASSES = List.of(
            Path.of("../paxos-core/target/classes"),
            CORE_TESTS,
            LOG_CLASSES,
            Path.of("../paxos-log/target/test-classes"),
            Path.of("../paxos-transport/target/classes"),
            Path.of("target/classes"),
            Path.of("target/test-classes"));
    private static final String[] LOG_TESTS = {"io.paxos.log.FailedForceTest"};
    private static final String[] SCENARIOS = {
        "io.paxos.testkit.sim.ScenarioTest",
        "io.paxos.testkit.sim.ProgressScenarioTest",
        "io.paxos.testkit.sim.CalmScenarioTest",
        "io.paxos.testkit.sim.CatchUpScenarioTest",
        "io.paxos.testkit.sim.ExecutionScenarioTest",
        "io.paxos.testkit.sim.IdentityScenarioTest",
        "io.paxos.testkit.sim.SnapshotScenarioTest",
        "io.paxos.testkit.sim.TrimScenarioTest"
    };
    private static final long SEEDS = Long.getLong("paxos.seeds", 5_000);
    private static final Pattern FAILED_SEED =
            Pattern.compile("seed (\\d+); again with.*?shrunken to (\\d+) of its", Pattern.DOTALL);

    /** The failures of each layer for one mutant. A text is empty if the layer has noticed nothing. */
    private record Row(String name, String messages, String scenarios, String schedules, String seeds, String steps) {
        boolean isCaught() {
            return !(messages + scenarios + schedules + seeds).isEmpty();
        }
    }

    static {
        // A test of the core looks for a warning, which the simulator's tests switch off. It must not seem to catch
        // bugs.
        System.setProperty("org.slf4j.simpleLogger.log.io.paxos.identity", "warn");
    }

    @Test
    void every_planted_bug_is_caught(@TempDir final Path dir) throws Exception {
        final String wanted = System.getProperty("paxos.mutants");
        final List<Row> rows = new ArrayList<>();
        int number = 0;
        System.out.println("| planted bug | unit tests | scenarios | schedules | first seed | steps |");
        System.out.println("|---|---|---|---|---|---|");
        for (final Mutant mutant : Mutant.ALL) {
            if (wanted.equals("all") || mutant.name().contains(wanted)) {
                final Row row = judge(mutant, dir.resolve("mutant-" + ++number));
                rows.add(row);
                System.out.println("| "
                        + String.join(" | ", row.name, row.messages, row.scenarios, row.schedules, row.seeds, row.steps)
                        + " |");
            }
        }
        assertThat(rows).isNotEmpty().allMatch(Row::isCaught, "is caught");
    }

    private static Row judge(final Mutant mutant, final Path dir) throws Exception {
        compile(mutant, dir);
        try (Planted planted = new Planted(dir)) {
            final String messages = failures(planted, mutant.isInLog() ? LOG_TESTS : coreTests());
            final String scenarios = failures(planted, SCENARIOS);
            final String schedules = failures(planted, "io.paxos.testkit.sim.MultiPaxosProperties");
            final Matcher failure = FAILED_SEED.matcher(firstFailure(planted));
            return failure.find()
                    ? new Row(mutant.name(), messages, scenarios, schedules, failure.group(1), failure.group(2))
                    : new Row(mutant.name(), messages, scenarios, schedules, "", "");
        }
    }

    /** The names of all test classes of the core that test a package which a mutant may change, in order. */
    private static String[] coreTests() throws IOException {
        final List<String> names = new ArrayList<>();
        for (final String name : List.of("protocol", "replica", "execution", "value", "identity", "transfer")) {
            final Path home = CORE_TESTS.resolve("io/paxos").resolve(name);
            if (Files.isDirectory(home)) {
                try (Stream<Path> files = Files.list(home)) {
                    files.map(file -> file.getFileName().toString())
                            .filter(file -> file.matches("[^$]+(Test|Properties)\\.class"))
                            .sorted()
                            .forEach(file -> names.add("io.paxos." + name + "." + file.replace(".class", "")));
                }
            }
        }
        assertThat(names).contains("io.paxos.protocol.MultiPaxosTest", "io.paxos.replica.ReplicaTest");
        return names.toArray(String[]::new);
    }

    /** Compiles the mutant's files into this directory. */
    static void compile(final Mutant mutant, final Path dir) throws IOException {
        final Path sources = dir.resolve("sources");
        final List<String> arguments = new ArrayList<>(List.of(
                "-nowarn",
                "-parameters",
                "-d",
                Files.createDirectories(dir.resolve("classes")).toString()));
        arguments.addAll(List.of("-cp", classPath()));
        for (final Mutant.Edit edit : mutant.edits()) {
            final Path target = sources.resolve(edit.file());
            if (!Files.exists(target)) {
                Files.createDirectories(target.getParent());
                Files.copy(edit.source(), target);
                arguments.add(target.toString());
            }
            final String text = Files.readString(target);
            assertThat(text).as("%s: %s", mutant.name(), edit.file()).contains(edit.original());
            Files.writeString(
                    target,
                    text.replaceFirst(Pattern.quote(edit.original()), Matcher.quoteReplacement(edit.planted())));
        }
        final int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(result).as("%s compiles", mutant.name()).isZero();
    }

    private static String classPath() {
        return CLASSES.get(0)
                + File.pathSeparator
                + LOG_CLASSES
                + File.pathSeparator
                + System.getProperty("java.class.path");
    }

    /** The name of the first test that fails, and how many others fail. */
    private static String failures(final Planted planted, final String... classNames) throws ClassNotFoundException {
        final LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
        for (final String name : classNames) {
            request.selectors(selectClass(planted.loadClass(name)));
        }
        final SummaryGeneratingListener listener = new SummaryGeneratingListener();
        final ClassLoader before = Thread.currentThread().getContextClassLoader();
        final PrintStream out = System.out;
        Thread.currentThread().setContextClassLoader(planted);
        System.setOut(new PrintStream(java.io.OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            final Launcher launcher = LauncherFactory.create();
            launcher.execute(request.build(), listener);
        } finally {
            System.setOut(out);
            Thread.currentThread().setContextClassLoader(before);
        }
        final List<TestExecutionSummary.Failure> failures =
                listener.getSummary().getFailures();
        if (failures.isEmpty()) {
            return "";
        }
        final String first =
                failures.get(0).getTestIdentifier().getDisplayName().replaceAll("[_ ]", " ");
        return failures.size() == 1 ? first : first + " +" + (failures.size() - 1);
    }

    /** The message of the first seed that breaks a rule; empty if no seed does. */
    private static String firstFailure(final Planted planted) throws ReflectiveOperationException {
        final var run = planted.loadClass("io.paxos.testkit.sim.Simulation").getMethod("run", long.class);
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                run.invoke(null, seed);
            } catch (final InvocationTargetException e) {
                return String.valueOf(e.getCause().getMessage());
            }
        }
        return "";
    }

    /** Loads classes of this project from the mutant first, then from the build. Other classes come from the parent. */
    static final class Planted extends URLClassLoader {
        Planted(final Path dir) throws MalformedURLException {
            super(urls(dir), MutantsTest.class.getClassLoader());
        }

        private static URL[] urls(final Path dir) throws MalformedURLException {
            final List<URL> urls = new ArrayList<>();
            urls.add(dir.resolve("classes").toUri().toURL());
            for (final Path classes : CLASSES) {
                urls.add(classes.toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }

        @Override
        protected Class<?> loadClass(final String name, final boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.paxos.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                final Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }
}
