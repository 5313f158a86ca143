package io.paxos.testkit.sim;

import io.paxos.Quorums;
import io.paxos.testkit.trace.Recorder;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The settings of a simulated cluster. Each has a default. The network starts without faults, and a force takes 100 us
 * on average.
 */
public final class Setup {
    static final long MICROSECOND = 1_000;
    static final long MILLISECOND = 1_000_000;
    static final long TENTH_MS = 100_000;
    static final long YEAR_MS = 365L * 24 * 3600 * 1000;

    private static final int TURNS_PER_HEARTBEAT = 20;
    private static final int COMMANDS_PER_LOOK = 8;

    final int members;
    Quorums quorums;
    long seed = 1;
    long heartbeatIntervalNs = 10 * MILLISECOND;
    int patienceRounds = 4;
    long timeoutNs = 500 * MILLISECOND;
    long stallNs = 100 * MILLISECOND;
    long followerLingerNs = 0;
    long commandLingerNs = 0;
    long clockAheadMaxMs = 500;
    int windowSlots = 16;
    int batchBytesMax = 1024;
    int valueLengthMax = 4096;
    int pendingBytes = 16 * 1024;
    int pendingCommands = 64;
    long snapshotBytes = 0;
    long logTailBytes = 1L << 40; // nothing is trimmed
    long maxLogBytes = 0;
    long transferBytesPerSecond = 64 << 20;
    long networkJitterNs = TENTH_MS;
    int queueMax = 1024;
    int cyclesPerWake = 3;
    long wakeDelayNs = 5 * MICROSECOND;
    long forceMeanNs = 100 * MICROSECOND;
    int driftPerMillion = 0;
    boolean carriesHandshakes = true;
    boolean bootstraps;
    boolean unequalPace;
    boolean believesCache;
    long applyMeanNs = 0;
    long queryMeanNs = 0;
    long callbackMeanNs = 0;
    int clientFaultOneIn = 0;
    int commandLengthMax = 40;
    int burstFactor = 1;
    int odd; // the member that starts with other quorums; 0 for none
    long clockOriginMinNs = 0;
    int differing; // the member whose state machine replies differently; 0 for none
    boolean traced;
    Consumer<String> tracePrinter;
    LongConsumer traceNumbers; // null unless recordedAs() was called
    Recorder recorder; // null unless a diagram is wanted

    private Setup(final int members) {
        if (members < 1 || members > 7) {
            throw new IllegalArgumentException("a simulated cluster has 1..7 members, not " + members);
        }
        this.members = members;
        quorums = Quorums.majority(members);
    }

    /** A cluster of members 1..n, {@code n} at most 7. */
    public static Setup of(final int members) {
        return new Setup(members);
    }

    /** The seed of every random number. */
    public Setup seed(final long value) {
        seed = value;
        return this;
    }

    /** The quorums of both phases; majorities by default. */
    public Setup quorums(final Quorums value) {
        quorums = value;
        return this;
    }

    public Setup heartbeatIntervalNs(final long value) {
        heartbeatIntervalNs = value;
        return this;
    }

    public Setup patienceRounds(final int value) {
        patienceRounds = value;
        return this;
    }

    public Setup timeoutNs(final long value) {
        timeoutNs = value;
        return this;
    }

    /** A leader resigns if its log makes no progress for this long. */
    public Setup stallNs(final long value) {
        stallNs = value;
        return this;
    }

    /** Delays proposals to followers that the current quorum does not need; 0, the default, sends them at once. */
    public Setup followerLingerNs(final long value) {
        followerLingerNs = value;
        return this;
    }

    /**
     * How long a leader collects commands for one batch while another value is under way; 0, the default, does not
     * wait.
     */
    public Setup commandLingerNs(final long value) {
        commandLingerNs = value;
        return this;
    }

    /** By how much a leader's wall clock may be ahead of those of the others before cluster time ignores it. */
    public Setup clockAheadMaxMs(final long value) {
        clockAheadMaxMs = value;
        return this;
    }

    /** How many slots a leader can have open; a power of two. */
    public Setup windowSlots(final int value) {
        windowSlots = value;
        return this;
    }

    public Setup batchBytesMax(final int value) {
        batchBytesMax = value;
        return this;
    }

    /** A snapshot is written when values of this many bytes were executed since the last one; 0 by default: never. */
    public Setup snapshotBytes(final long value) {
        snapshotBytes = value;
        return this;
    }

    /** How many bytes of the log stay behind a snapshot; so many by default that nothing is ever trimmed. */
    public Setup logTailBytes(final long value) {
        logTailBytes = value;
        return this;
    }

    /** How many bytes the log may have; 0, the default, is no limit. */
    public Setup maxLogBytes(final long value) {
        maxLogBytes = value;
        return this;
    }

    /** How fast a snapshot is received at most. */
    public Setup transferBytesPerSecond(final long value) {
        transferBytesPerSecond = value;
        return this;
    }

    /** Whether a log can be trimmed. */
    boolean trims() {
        return logTailBytes < 1L << 40;
    }

    /** How many commands, and how many reads, can wait for their outcome; a power of two. */
    public Setup pendingCommands(final int value) {
        pendingCommands = value;
        return this;
    }

    /** Room for waiting commands, and for answers that wait for the disk; a power of two, at least 4096. */
    public Setup pendingBytes(final int value) {
        pendingBytes = value;
        return this;
    }

    /** How long a packet takes on average. */
    public Setup networkJitterNs(final long value) {
        networkJitterNs = value;
        return this;
    }

    /** How many packets a transport queues per peer; more are dropped. */
    public Setup queueMax(final int packets) {
        queueMax = packets;
        return this;
    }

    /** How many duty cycles a replica runs at most per wake-up, before other members run. */
    public Setup cyclesPerWake(final int value) {
        cyclesPerWake = value;
        return this;
    }

    /** How long a process takes to wake up, at most. One cycle receives all packets that arrive meanwhile. */
    public Setup wakeDelayNs(final long value) {
        wakeDelayNs = value;
        return this;
    }

    /** How long a force takes on average; 0 forces within {@code sync}. */
    public Setup forceMeanNs(final long value) {
        forceMeanNs = value;
        return this;
    }

    /** The greatest error of a clock's rate, in millionths, in either direction. */
    public Setup driftPerMillion(final int value) {
        driftPerMillion = value;
        return this;
    }

    /** The least time that a clock shows at the start; 0 by default. */
    public Setup clockOriginMinNs(final long value) {
        clockOriginMinNs = value;
        return this;
    }

    /**
     * Whether members tell each other who they are before the first packet, over connections that end with either
     * process; true by default. If not, a packet can come from an earlier life and reach a later one.
     */
    public Setup handshakes(final boolean value) {
        carriesHandshakes = value;
        return this;
    }

    /** Whether each member is told that its first start is the first one; false by default: it waits for the others. */
    public Setup bootstraps(final boolean value) {
        bootstraps = value;
        return this;
    }

    /** Whether members differ in heartbeat, patience and window; false by default. */
    public Setup unequalPace(final boolean value) {
        unequalPace = value;
        return this;
    }

    /** What a command takes to be executed, on average; 0 by default. None takes more than twice as long. */
    public Setup applyMeanNs(final long value) {
        applyMeanNs = value;
        return this;
    }

    /** What a query takes, on average; 0 by default. */
    public Setup queryMeanNs(final long value) {
        queryMeanNs = value;
        return this;
    }

    /** What the code that is told a success takes on average; 0 by default. The thread of the replica runs it. */
    public Setup callbackMeanNs(final long value) {
        callbackMeanNs = value;
        return this;
    }

    /** One of so many outcomes meets code that throws, takes long, submits or closes; 0, the default: none does. */
    public Setup clientFaultOneIn(final int value) {
        clientFaultOneIn = value;
        return this;
    }

    /** How long a command of a client is at most; 40 by default. One fills a value of {@link #batchBytesMax}. */
    public Setup commandLengthMax(final int value) {
        commandLengthMax = value;
        return this;
    }

    /** A burst has so many times as many commands. */
    Setup burstFactor(final int value) {
        burstFactor = value;
        return this;
    }

    /**
     * What a turn of a member takes at most: the budget of a turn, and the commands from one look at the clock to the
     * next. Each of them may take twice the average, and so may the callback of its outcome.
     */
    long turnMaxNs(final int id) {
        return heartbeatOfNs(id) / TURNS_PER_HEARTBEAT
                + executionMaxNs(COMMANDS_PER_LOOK)
                + pendingCommands * (2 * queryMeanNs + 2 * callbackMeanNs);
    }

    /** What a life of any member takes at most to execute so many commands again, and to answer for them. */
    long executionMaxNs(final int commands) {
        return commands * (2 * applyMeanNs + 2 * callbackMeanNs);
    }

    /** This member starts with other quorums than the others, which must refuse it. Not alone. */
    public Setup odd(final int id) {
        odd = id;
        return bootstraps(true);
    }

    /** A planted bug: a restart after a failed force believes what only the cache holds. */
    Setup believesCache() {
        believesCache = true;
        return this;
    }

    /** Quorums that are sound, but not those of the members. */
    Quorums otherQuorums() {
        final Quorums all = Quorums.flexible(members, members, 1);
        return quorums.equals(all) ? Quorums.flexible(members, 1, members) : all;
    }

    /** The heartbeat of one member; each is one, two or four times that of the others. */
    long heartbeatOfNs(final int id) {
        return unequalPace ? heartbeatIntervalNs << id % 3 : heartbeatIntervalNs;
    }

    int patienceOf(final int id) {
        return unequalPace ? patienceRounds + id % 2 : patienceRounds;
    }

    int windowOf(final int id) {
        return unequalPace ? windowSlots << (2 * (id % 3)) : windowSlots;
    }

    /** The longest heartbeat of any member. */
    long heartbeatMaxNs() {
        long longest = 0;
        for (int id = 1; id <= members; id++) {
            longest = Math.max(longest, heartbeatOfNs(id));
        }
        return longest;
    }

    /** The state machine of this member replies differently, so members can stop because they differ. */
    Setup differing(final int id) {
        differing = id;
        return this;
    }

    /** Keeps the last lines of the trace as text, and passes each line to {@code printer} unless that is null. */
    public Setup traced(final Consumer<String> printer) {
        traced = true;
        tracePrinter = printer;
        return this;
    }

    /** Passes each event to {@code numbers}, as three numbers: its time, its kind and its content. */
    Setup recordedAs(final LongConsumer numbers) {
        traceNumbers = numbers;
        return this;
    }

    /** Records the run for a diagram. One cluster per recorder. */
    public Setup recorded(final Recorder value) {
        recorder = value;
        return this;
    }

    public int members() {
        return members;
    }

    public Quorums quorums() {
        return quorums;
    }

    /** Builds the cluster and starts all members. */
    public SimCluster start() {
        return new SimCluster(this);
    }

    @Override
    public String toString() {
        return members + " members, quorums " + quorums.phase1() + "+" + quorums.phase2() + ", heartbeat "
                + heartbeatIntervalNs / MICROSECOND + " us, window " + windowSlots + ", follower linger "
                + followerLingerNs / MICROSECOND
                + " us, command linger " + commandLingerNs / MICROSECOND + " us, force " + forceMeanNs / MICROSECOND
                + " us, wake "
                + wakeDelayNs / MICROSECOND + " us, drift " + driftPerMillion + " ppm"
                + (carriesHandshakes ? ", handshakes" : "")
                + (bootstraps ? ", bootstrap" : "")
                + (unequalPace ? ", unequal pace" : "")
                + (applyMeanNs + queryMeanNs + callbackMeanNs == 0
                        ? ""
                        : ", apply " + applyMeanNs / MICROSECOND + " us, query " + queryMeanNs / MICROSECOND
                                + " us, callback " + callbackMeanNs / MICROSECOND + " us")
                + (burstFactor == 1 ? "" : ", bursts of " + 128 * burstFactor)
                + (commandLengthMax == 40 ? "" : ", commands of up to " + commandLengthMax + " bytes")
                + (clientFaultOneIn == 0 ? "" : ", code of clients fails once in " + clientFaultOneIn)
                + (odd == 0 ? "" : ", other quorums at member " + odd);
    }
}
