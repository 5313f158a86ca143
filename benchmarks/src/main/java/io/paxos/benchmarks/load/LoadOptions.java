package io.paxos.benchmarks.load;

import io.paxos.log.Durability;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The options for the cluster and for its load. */
final class LoadOptions {
    private static final double SECONDS_MAX = 24 * 3600;

    @Option(
            names = "--members",
            split = ",",
            paramLabel = "ID",
            defaultValue = "1,2,3",
            description = "The replicas' ids (default: ${DEFAULT-VALUE}).")
    private List<Integer> members;

    @Option(
            names = "--durability",
            defaultValue = "sync",
            description = "${COMPLETION-CANDIDATES}: whether a reply waits for disks (default: ${DEFAULT-VALUE}).")
    private Durability durability;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            defaultValue = "64",
            description = "Length of a command (default: ${DEFAULT-VALUE}).")
    private int payloadBytes;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "256",
            description = "Closed loop: operations that wait for their reply at any time (default: ${DEFAULT-VALUE}).")
    private int inFlight;

    @Option(
            names = "--rate",
            paramLabel = "PER_S",
            defaultValue = "0",
            description = "Open loop: operations per second, sent by the clock; latency counts from when each was due.")
    private long ratePerS;

    @Option(
            names = "--read-share",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "The share of linearizable reads, each confirmed by a quorum (default: ${DEFAULT-VALUE}).")
    private int readPercent;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "15",
            description = "How long to count (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warmup-seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "How long to load before counting (default: ${DEFAULT-VALUE}).")
    private double warmupSeconds;

    @Option(
            names = "--snapshot-bytes",
            paramLabel = "N",
            defaultValue = "67108864",
            description = "A snapshot after this many bytes of commands, and no fewer than the last snapshot has; 0:"
                    + " none (default: ${DEFAULT-VALUE}). For --library paxos alone, as the next three.")
    private long snapshotBytes;

    @Option(
            names = "--log-tail-bytes",
            paramLabel = "N",
            description = "What stays of the log behind the newest snapshot (default: 64 MiB; with a budget an eighth"
                    + " of it).")
    private Long logTailBytes;

    @Option(
            names = "--log-budget-bytes",
            paramLabel = "N",
            defaultValue = "0",
            description = "How many bytes the log may have, at least 64 MiB; 0: as many as the disk takes (default).")
    private long logBudgetBytes;

    @Option(
            names = "--state-bytes",
            paramLabel = "N",
            defaultValue = "0",
            description = "How large the state is beside its counter, and so each snapshot; at most 1 GiB (default:"
                    + " ${DEFAULT-VALUE}). With --mode processes a replica has 768 MiB of memory.")
    private long stateBytes;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where to make a directory for the logs, deleted at the end: on the disk to measure"
                    + " (default: that for temporary files).")
    private Path directory;

    LoadOptions() {}

    List<Integer> members() {
        for (final int member : members) {
            if (member < 1
                    || member > 0xFFFF
                    || members.stream().filter(m -> m == member).count() > 1) {
                throw new Misuse("--members must be different ids of 1..65535, not " + members);
            }
        }
        return members;
    }

    Durability durability() {
        return durability;
    }

    Path directory() {
        return directory;
    }

    Keeping keeping() {
        return Keeping.of(snapshotBytes, logTailBytes, logBudgetBytes, stateBytes);
    }

    LoadSpec load() {
        return new LoadSpec(
                payloadBytes,
                inFlight,
                ratePerS,
                readPercent,
                nanoseconds("--warmup-seconds", warmupSeconds),
                nanoseconds("--seconds", seconds));
    }

    static long nanoseconds(final String option, final double seconds) {
        if (!(seconds >= 0 && seconds <= SECONDS_MAX)) {
            throw new Misuse(option + " must be 0.." + (long) SECONDS_MAX + ", not " + seconds);
        }
        return (long) (seconds * 1e9);
    }
}
