package io.paxos.benchmarks.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code run}: one cluster, one client, one line of results. A run without results fails. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Starts a cluster on this machine, loads it from one client, and prints a line of JSON.")
final class Run implements Callable<Integer> {
    /** Where the replicas run. */
    enum Mode {
        /** All in this JVM. */
        JVM,
        /** Each in a process of its own. */
        PROCESSES
    }

    private static final long AGREE_WITHIN_NS = TimeUnit.SECONDS.toNanos(60);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--library",
            defaultValue = PaxosLibrary.NAME,
            description = "The library to measure (default: ${DEFAULT-VALUE}).")
    private String library;

    @Option(
            names = "--mode",
            defaultValue = "jvm",
            description = "${COMPLETION-CANDIDATES}: where the replicas run (default: ${DEFAULT-VALUE}).")
    private Mode mode;

    @Mixin
    private LoadOptions options;

    @Option(
            names = "--slow-follower",
            paramLabel = "PERCENT",
            description = "One follower's process runs only this share of each second; with --mode processes.")
    private Integer slowFollower;

    @Option(names = "--plot", paramLabel = "FILE.html", description = "Draws latency and throughput into this file.")
    private Path plot;

    Run() {}

    @Override
    public Integer call() throws Exception {
        final LoadSpec load = options.load();
        final Keeping keeping = options.keeping();
        Page.requireWritable(plot);
        if (slowFollower != null && (slowFollower < 1 || slowFollower > 99 || mode == Mode.JVM)) {
            throw new Misuse("--slow-follower must be 1..99 percent, and needs --mode processes");
        }
        final Library chosen = find(library);
        if (!(chosen instanceof PaxosLibrary) && !keeping.equals(Keeping.DEFAULT)) {
            throw new Misuse(
                    "--snapshot-bytes, --log-tail-bytes, --log-budget-bytes and --state-bytes are for --library "
                            + PaxosLibrary.NAME + " alone");
        }
        final Library.Setup setup = new Library.Setup(
                options.members(), options.durability(), Directories.fresh(options.directory()), load, keeping);
        final RunReport report = mode == Mode.JVM
                ? inThisJvm(chosen, setup)
                : ProcessCluster.run(ProcessCluster.requireOurs(chosen), setup, slowFollower);
        requireResults(report.measured());
        if (plot != null) {
            Page.write(plot, report);
        }
        spec.commandLine().getOut().println(report.json());
        return 0;
    }

    /** Ours first, then those of the other libraries that are in this build. */
    static List<Library> libraries() {
        final List<Library> libraries = new ArrayList<>();
        libraries.add(PaxosLibrary.tuned());
        libraries.add(PaxosLibrary.withDefaults());
        ServiceLoader.load(Library.class).forEach(libraries::add);
        return libraries;
    }

    static Library find(final String name) {
        final List<Library> libraries = libraries();
        return libraries.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Misuse("--library must be one of "
                        + libraries.stream().map(Library::name).toList() + ", not " + name
                        + (libraries.size() == 1 ? "; others are in a build with -Ppeers" : "")));
    }

    private static RunReport inThisJvm(final Library library, final Library.Setup setup) throws Exception {
        ProcessUsage.now();
        final Window window = new Window(library);
        final LoadLoop loop = new LoadLoop(library, setup.load(), window);
        try (library) {
            library.start(setup, loop);
            final Measured measured = loop.run();
            requireAgreement(
                    () -> {
                        library.poll();
                        return library.holdings();
                    },
                    measured);
            return new RunReport(
                    library,
                    "jvm",
                    setup.members().size(),
                    setup.durability(),
                    setup.load(),
                    setup.keeping(),
                    measured,
                    window.used,
                    window.traffic);
        }
    }

    /** Refuses a run in which no operation succeeded: its latencies would be printed as 0. */
    static void requireResults(final Measured measured) {
        if (measured.writes().getTotalCount() + measured.reads().getTotalCount() == 0) {
            throw new IllegalStateException("no operation that was due while counting succeeded, " + measured.failed()
                    + " failed; give it more --seconds or read the log of the replicas");
        }
    }

    /** Requires that every replica has executed every command, each once, in the same order. */
    static void requireAgreement(final Supplier<List<Library.Holding>> replicas, final Measured measured) {
        final long deadlineNs = System.nanoTime() + AGREE_WITHIN_NS;
        List<Library.Holding> holdings = replicas.get();
        while (!agree(holdings, measured)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("the replicas disagree: " + measured.commands()
                        + " commands were chosen, " + measured.failed() + " failed, and they hold " + holdings);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            holdings = replicas.get();
        }
    }

    static boolean agree(final List<Library.Holding> holdings, final Measured measured) {
        final Library.Holding first = holdings.get(0);
        return first.count() >= measured.commands()
                && first.count() <= measured.commands() + measured.failed()
                && holdings.stream()
                        .allMatch(other -> other.count() == first.count() && other.checksum() == first.checksum());
    }

    /** Measures what is used while the window is open. */
    private static final class Window implements LoadLoop.Watcher {
        private final Library library;
        private ProcessUsage before;
        private Library.Traffic trafficBefore;
        private ProcessUsage used;
        private Library.Traffic traffic;

        private Window(final Library library) {
            this.library = library;
        }

        @Override
        public void opens() {
            before = ProcessUsage.now();
            trafficBefore = library.traffic();
        }

        @Override
        public void closes() {
            used = ProcessUsage.now().since(before);
            traffic = library.traffic().bytesSent() < 0
                    ? Library.Traffic.UNKNOWN
                    : library.traffic().since(trafficBefore);
        }
    }
}
