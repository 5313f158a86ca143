package io.paxos.testkit.contract.machine;

import io.paxos.statemachine.Command;
import io.paxos.statemachine.Snapshotting;
import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.BrokenPromise;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;

/**
 * What every {@link StateMachine} promises, above all that it is deterministic. Extend it, create your state machine,
 * its commands and its queries in the methods below, and run it with jqwik.
 *
 * <p>Instances get the same inputs in circumstances that must not matter: other instances, other threads, real time a
 * second later, other buffers, queries in between, and in two other JVMs other hash seeds, default locale, time zone,
 * charset and line separator. The inputs are 200 short lists, 8 of 2,000 inputs, and 500 of damaged commands and any
 * bytes.
 *
 * <p>A state machine that is {@link Snapshotting} gets more runs: snapshots are written at random moments, at once or
 * with commands between the slices, are given up, follow each other, and are read by new instances, by used ones, and
 * by those that have read a part of a damaged one. Each reader must then go on as the writer does.
 *
 * <p>The other JVMs make the subclass by its constructor without parameters and call {@link #create}; no method of
 * jqwik's life cycle runs there. They get this JVM's class path, {@code -D}, {@code -ea}, {@code -Xmx}, {@code
 * --add-opens} and {@code --add-exports}. If they cannot start, one test fails and gives the reason.
 *
 * <p>All tests of one class use one examination, which takes about three seconds for a small state machine. At most one
 * test fails: the one that names the cause. Its message holds a short list of inputs and the seed. What is not seen: a
 * clock that is read in steps of more than a second, other than as a local date; and state that no reply depends on.
 */
public abstract class StateMachineContract {
    /** Name of the system property that sets the seed of the inputs, a long. Random if it is not set. */
    public static final String SEED = "paxos.contract.seed";

    private static final Map<Class<?>, MachineExamination.Findings> FINDINGS = new ConcurrentHashMap<>();

    /** A new state machine in its initial state, which shares nothing with the others. */
    protected abstract StateMachine create();

    /** Commands as clients send them. The fewer keys, names and numbers they are about, the more they interact. */
    protected abstract Arbitrary<byte[]> commands();

    /** Queries as clients send them, about the same things. Together they must show everything that commands change. */
    protected abstract Arbitrary<byte[]> queries();

    /** Whether replies may depend on {@link Command#timeMs}. False unless overridden. */
    protected boolean usesClusterTime() {
        return false;
    }

    @Example
    public void the_same_commands_give_the_same_replies_and_then_the_same_answers() {
        requireKept(MachinePromises.SAME_REPLIES, MachinePromises.SAME_ANSWERS);
    }

    @Example
    public void no_clock_is_read_but_that_of_the_commands() {
        requireKept(MachinePromises.NO_WALL_CLOCK, MachinePromises.NO_CLUSTER_TIME);
    }

    @Example
    public void each_jvm_gives_the_same_replies_whatever_its_hash_seeds_locale_and_time_zone() {
        requireKept(
                MachinePromises.HASHES,
                MachinePromises.LOCALE,
                MachinePromises.ZONE,
                MachinePromises.ENCODING,
                MachinePromises.OTHER_JVM);
        final IllegalStateException withoutJvm = findings().withoutJvm();
        if (withoutJvm != null) {
            throw new AssertionError("not known whether each JVM gives the same replies: " + withoutJvm.getMessage());
        }
    }

    @Example
    public void queries_change_nothing() {
        requireKept(MachinePromises.QUERIES_CHANGE_NOTHING);
    }

    @Example
    public void no_bytes_make_it_throw() {
        requireKept(MachinePromises.NEVER_THROWS);
    }

    @Example
    public void only_the_bytes_of_a_command_count_and_not_where_they_are() {
        requireKept(MachinePromises.BYTES_ALONE);
    }

    @Example
    public void a_reply_does_not_depend_on_what_its_buffer_held_before() {
        requireKept(MachinePromises.REPLY_BUFFER);
    }

    /** Passes if the state machine is not {@link Snapshotting}, and so do the other tests of snapshots. */
    @Example
    public void what_has_read_a_snapshot_goes_on_as_what_wrote_it() {
        requireKept(MachinePromises.SNAPSHOT_WHOLE, MachinePromises.SNAPSHOT_AGAIN);
    }

    @Example
    public void commands_between_the_slices_of_a_snapshot_are_not_in_it() {
        requireKept(MachinePromises.SNAPSHOT_MOMENT);
    }

    @Example
    public void reading_a_snapshot_replaces_the_whole_state() {
        requireKept(MachinePromises.SNAPSHOT_REPLACES);
    }

    @Example
    public void a_damaged_snapshot_is_not_taken() {
        requireKept(MachinePromises.SNAPSHOT_DAMAGED);
    }

    private void requireKept(final String... promises) {
        final BrokenPromise broken = findings().broken();
        if (broken != null && List.of(promises).contains(broken.promise())) {
            throw broken;
        }
    }

    private MachineExamination.Findings findings() {
        return FINDINGS.computeIfAbsent(
                getClass(), type -> MachineExamination.of(this, Long.getLong(SEED, new Random().nextLong())));
    }
}
