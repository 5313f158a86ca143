package io.paxos.testkit.contract.log;

import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.contract.BrokenPromise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What every {@link AcceptorLog} promises: extend it, implement {@link #open}, and run it with jqwik.
 *
 * <p>The other protected methods declare what a log can and cannot do. The usual log needs none of them. A log that is
 * meant to survive a crash should override {@link #crashed}: without it, durability is not tested. The contract cannot
 * make a medium fail.
 */
public abstract class AcceptorLogContract {
    private static final long[] SLOTS = {1, 2, 3, 63, 64, 65, 1_000_003, 1L << 33, Long.MAX_VALUE};
    private static final int LENGTH_MAX = 300;

    private final List<Path> directories = new ArrayList<>();
    private LogProbe probe;

    /**
     * Opens the log in this directory. The directory is empty at first, and later holds the files of an earlier log
     * that was closed. Each call returns a new log, and the contract closes it.
     */
    protected abstract AcceptorLog open(Path directory);

    /**
     * A directory with what a crash would leave of an open log now: a copy of the files or, better, what a faulty disk
     * under them has kept. {@link #newDirectory} makes a directory. Empty unless overridden: no crashes are tried.
     *
     * @throws IOException if copying fails, which fails the test
     */
    protected Optional<Path> crashed(final Path directory) throws IOException {
        return Optional.empty();
    }

    /** Whether a log that is opened again holds what was written before. True unless overridden. */
    protected boolean survivesReopening() {
        return true;
    }

    /** Whether the log can trim. True unless overridden. A log that keeps snapshots must. */
    protected boolean trims() {
        return true;
    }

    /** Whether records can become durable without a call of {@link AcceptorLog#sync}. False unless overridden. */
    protected boolean forcesByItself() {
        return false;
    }

    /** A sync that takes longer fails the test, in nanoseconds. 20 s unless overridden. */
    protected long syncTimeoutNs() {
        return TimeUnit.SECONDS.toNanos(20);
    }

    /** The highest slot that the log is meant for. Any unless overridden. */
    protected long slotMax() {
        return Long.MAX_VALUE;
    }

    /** The longest value that the contract tries, in bytes. 4 MiB unless overridden, because it is kept in memory. */
    protected int valueLengthTried() {
        return 4 << 20;
    }

    /** An empty directory, deleted after the try. */
    protected final Path newDirectory() throws IOException {
        final Path directory = Files.createTempDirectory("paxos-log-contract");
        directories.add(directory);
        return directory;
    }

    @BeforeTry
    public void openInAnEmptyDirectory() throws IOException {
        probe = new LogProbe(this, newDirectory());
    }

    @AfterTry
    public void closeAndDelete() throws IOException {
        if (probe != null) {
            probe.close();
            probe = null;
        }
        for (final Path directory : directories) {
            try (Stream<Path> paths = Files.walk(directory)) {
                for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        directories.clear();
    }

    @Example
    public void a_new_log_remembers_nothing() {
        probe.check();
        final String durability = probe.log().durability();
        if (durability == null || !durability.matches("\\S+")) {
            throw new BrokenPromise(LogPromises.DURABILITY, "\"" + durability + "\"");
        }
        if (probe.log().valueLengthMax() < 1) {
            throw new BrokenPromise(
                    LogPromises.LENGTH_MAX, "valueLengthMax() is " + probe.log().valueLengthMax());
        }
    }

    @Example
    public void each_opening_counts_even_if_nothing_was_written() {
        for (int i = 0; i < 4; i++) {
            probe.reopen();
        }
    }

    @Example
    public void promises_for_all_slots_and_for_one_are_remembered() {
        probe.promise(5);
        probe.promise(9, 2);
        probe.promise(7);
        probe.promise(7, 1);
        probe.reopen();
        probe.promise(8);
        probe.promise(12, 3);
        probe.reopen();
        probe.reopen();
    }

    @Example
    public void values_in_slots_far_apart_and_in_any_order_are_remembered() {
        for (int i = slots().length - 1; i >= 0; i -= 2) {
            probe.accept(5, slots()[i], 0, i * 10);
        }
        probe.reopen();
        for (int i = 0; i < slots().length; i += 2) {
            probe.accept(6 + i, slots()[i], 0, i * 10);
        }
        probe.reopen();
    }

    @Example
    public void a_value_replaces_the_one_before_it_longer_or_shorter_or_empty() {
        final int[] lengths = {10, 200, 0, 1, 10, 0};
        for (int i = 0; i < lengths.length; i++) {
            probe.accept(5 + i, 1, 0, Math.min(lengths[i], longestTried()));
        }
        probe.reopen();
    }

    @Example
    public void what_is_known_chosen_is_remembered_as_last_noted() {
        probe.accept(5, 1, 0, 1);
        probe.accept(5, 2, 1, 1);
        probe.accept(5, 3, 2, 1);
        probe.promise(6);
        probe.reopen();
        probe.accept(6, 3, 2, 1);
        probe.reopen();
    }

    @Example
    public void a_value_of_the_greatest_length_is_taken_and_a_longer_one_refused_before_anything_has_changed() {
        for (int i = 0; i < 3; i++) {
            try {
                probe.accept(5 + i, 1 + i, 0, longestTried());
            } catch (final IllegalArgumentException e) {
                throw new BrokenPromise(LogPromises.LENGTH_MAX, e);
            }
            if (longestTried() == probe.log().valueLengthMax()) {
                probe.acceptTooLong(9, 1);
            }
        }
        probe.reopen();
    }

    @Example
    public void what_was_appended_is_durable_soon_after_a_sync_and_who_waits_is_woken() {
        probe.syncAndWait();
        for (int round = 1; round <= 5; round++) {
            for (int i = 0; i < round; i++) {
                probe.accept(round, 1 + i, 0, 10);
            }
            probe.syncAndWait();
            probe.sync();
            probe.promise(round);
            probe.syncAndWait();
        }
    }

    @Example
    public void what_was_durable_survives_a_crash() {
        for (int round = 1; round <= 3; round++) {
            probe.promise(3L * round);
            probe.accept(3L * round, 1, round - 1, 20);
            probe.accept(3L * round + 1, 2, round, 20);
            probe.syncAndWait();
            probe.promise(3L * round + 2, 3);
            probe.accept(3L * round + 2, 3, round, 20);
            probe.crash();
        }
    }

    @Example
    public void a_closed_log_can_be_closed_again_and_does_nothing_else() {
        probe.accept(5, 1, 0, 1);
        final AcceptorLog log = probe.log();
        log.close();
        try {
            log.close();
        } catch (final RuntimeException e) {
            throw new BrokenPromise(LogPromises.CLOSE, e);
        }
        requireRefused("promise", () -> log.promise(6));
        requireRefused("promise of a slot", () -> log.promise(6, 1));
        requireRefused("accept", () -> log.accept(6, 1, 0, new UnsafeBuffer(new byte[1]), 0, 1));
        requireRefused("read", () -> log.read(1, (slot, ballot, buffer, offset, length) -> {}));
        requireRefused("sync", log::sync);
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    public void no_sequence_of_calls_breaks_a_promise(@ForAll("steps") final List<LogStep> steps) {
        steps.forEach(step -> step.run(probe, slots(), longestTried()));
        probe.reopen();
    }

    @Provide
    Arbitrary<List<LogStep>> steps() {
        final Arbitrary<LogStep.Kind> kinds = Arbitraries.frequencyOf(
                Tuple.of(9, Arbitraries.of(LogStep.Kind.class)),
                Tuple.of(4, Arbitraries.of(LogStep.Kind.ACCEPT, LogStep.Kind.LEARN)),
                Tuple.of(4, Arbitraries.of(LogStep.Kind.PROMISE, LogStep.Kind.PROMISE_SLOT, LogStep.Kind.SYNC)));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, SLOTS.length - 1),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, LENGTH_MAX))
                .as(LogStep::new)
                .list()
                .ofMaxSize(30);
    }

    /** The slots that are tried, in rising order. */
    final long[] slots() {
        return LongStream.of(SLOTS).filter(slot -> slot <= slotMax()).toArray();
    }

    private int longestTried() {
        return Math.min(probe.log().valueLengthMax(), valueLengthTried());
    }

    private static void requireRefused(final String what, final Runnable call) {
        try {
            call.run();
        } catch (final IllegalStateException expected) {
            return;
        } catch (final RuntimeException e) {
            throw new BrokenPromise(LogPromises.CLOSED, e);
        }
        throw new BrokenPromise(LogPromises.CLOSED, what + " did not throw");
    }
}
