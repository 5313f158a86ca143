package io.paxos.testkit.sim;

import io.paxos.Read;
import io.paxos.transport.wire.MessageType;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * One action of a schedule. Legal in every state: a member is counted modulo the number of members, an amount is
 * brought into the range of its kind, and an impossible action does nothing.
 *
 * @param kind the action
 * @param node the member, any number; -1 is the leader
 * @param amount how much, or which other member; any number
 */
public record Step(Kind kind, int node, int amount) {
    /** As a member: the leader at that time. */
    public static final int LEADER = -1;

    /** The action of a step. */
    public enum Kind {
        /** Lets {@code amount} times 100 us pass, less than 100 ms. */
        RUN(0, 1_000, (cluster, node, step) -> cluster.runFor(step.quantity() * Setup.TENTH_MS)),
        /** Gives a member 1..8 commands. */
        SUBMIT(1, 8, (cluster, node, step) -> {
            for (int i = 0; i < step.quantity(); i++) {
                cluster.submitTo(node);
            }
        }),
        /** Gives a member 1..128 commands, in some seeds 8 times as many. It can lack the room for all of them. */
        BURST(1, 128, (cluster, node, step) -> cluster.burst(node, step.quantity())),
        READ((cluster, node, step) -> read(cluster, node, Read.LINEARIZABLE)),
        /** A linearizable read at each member. */
        READ_EVERYWHERE((cluster, node, step) -> {
            for (int id = 1; id <= cluster.members(); id++) {
                read(cluster, id, Read.LINEARIZABLE);
            }
        }),
        READ_LOCALLY((cluster, node, step) -> read(cluster, node, Read.LOCAL)),
        CRASH((cluster, node, step) -> cluster.crash(node)),
        CRASH_KEEPING_ALL((cluster, node, step) -> cluster.crashKeepingAll(node)),
        /** The member crashes within its duty cycle, at the 1st..64th crash point from now. */
        CRASH_AFTER(1, 64, (cluster, node, step) -> cluster.crashAfter(node, step.quantity())),
        RESTART((cluster, node, step) -> cluster.restart(node)),
        RESTART_ALL((cluster, node, step) -> {
            for (int id = 1; id <= cluster.members(); id++) {
                cluster.restart(id);
            }
        }),
        PAUSE((cluster, node, step) -> cluster.pause(node)),
        /** Each wake-up of the process is late, by up to 20 ms. */
        SLOW(0, 200, (cluster, node, step) -> cluster.slow(node, step.quantity() * Setup.TENTH_MS)),
        /** Ends a pause, or slowness. */
        RESUME((cluster, node, step) -> cluster.resume(node)),
        RESUME_ALL((cluster, node, step) -> {
            for (int id = 1; id <= cluster.members(); id++) {
                cluster.resume(id);
            }
        }),
        /** Cuts one direction. */
        CUT((cluster, node, step) -> cluster.network().cut(node, step.other(cluster))),
        CUT_BOTH((cluster, node, step) -> cluster.network().cutBoth(node, step.other(cluster))),
        /** Cuts the members into two groups: those with a bit in {@code amount}, and the others. */
        SPLIT((cluster, node, step) -> cluster.network().split(group(cluster, step.number()))),
        /**
         * Leaves the links of one member only. This is "quorum loss" if another member leads, and "constrained
         * election" if the one member is behind.
         */
        STAR((cluster, node, step) -> cluster.network().star(node)),
        /** Leaves the links between neighbours only, in a row that begins with this member. */
        CHAIN((cluster, node, step) -> cluster.network().chain(node)),
        /** The member sends, and receives nothing. */
        DEAFEN((cluster, node, step) -> cluster.network().deafen(node)),
        /** The member receives, and its messages are lost. */
        MUTE((cluster, node, step) -> cluster.network().mute(node)),
        ISOLATE((cluster, node, step) -> cluster.network().isolate(node)),
        MEND((cluster, node, step) -> cluster.network().mendBoth(node, step.other(cluster))),
        MEND_ALL((cluster, node, step) -> cluster.network().mendAll()),
        /** Packets of one link keep their order from now on, as over TCP. */
        ORDERED((cluster, node, step) -> cluster.network().ordered(true)),
        /** Loses up to half of all packets. */
        LOSE(0, 500, (cluster, node, step) -> cluster.network().loses(step.quantity() * 1_000)),
        /** Repeats up to half of all packets. */
        REPEAT(0, 500, (cluster, node, step) -> cluster.network().repeats(step.quantity() * 1_000)),
        /** Delays a fifth of all packets by up to 50 ms. */
        HOLD_UP(0, 500, (cluster, node, step) -> cluster.network().holdsUp(200_000, step.quantity() * Setup.TENTH_MS)),
        /** Delays the packets from one member to another by up to 50 ms. */
        CLOG(
                0,
                500,
                (cluster, node, step) ->
                        cluster.network().delays().clog(node, step.other(cluster), step.quantity() * Setup.TENTH_MS)),
        /** A link holds 1..32 packets from now on. */
        NARROW(1, 32, (cluster, node, step) -> cluster.network().capacity(step.quantity())),
        /** Changes the bytes of up to a fifth of all packets. */
        CORRUPT(0, 200, (cluster, node, step) -> cluster.network().corrupts(step.quantity() * 1_000)),
        /** Loses every packet of one type. */
        DROP_TYPE((cluster, node, step) -> {
            final MessageType type = step.type();
            cluster.network().drops(packet -> packet.type() == type);
        }),
        DROP_NOTHING((cluster, node, step) -> cluster.network().drops(packet -> false)),
        FREEZE_DISK((cluster, node, step) -> cluster.disk(node).freeze()),
        THAW_DISK((cluster, node, step) -> cluster.disk(node).thaw()),
        /** Forces take up to 10 ms on average. */
        SLOW_DISK(0, 100, (cluster, node, step) -> cluster.disk(node).forceTakes(step.quantity() * Setup.TENTH_MS)),
        FILL_DISK((cluster, node, step) -> cluster.disk(node).fill()),
        FREE_DISK((cluster, node, step) -> cluster.disk(node).free()),
        /** The next read returns another record. */
        MISDIRECT_READ((cluster, node, step) -> cluster.disk(node).misdirectNextRead()),
        /** Flips a bit of a durable record. Does nothing if the cluster cannot lose this member. */
        FLIP_BIT((cluster, node, step) -> cluster.flipBit(node)),
        /** Crashes the process and removes a file of its log. Does nothing if the cluster cannot lose this member. */
        LOSE_FILE((cluster, node, step) -> cluster.loseFile(node)),
        /**
         * Crashes the process and restores an older copy of its disk. Does nothing if the cluster cannot lose this
         * member.
         */
        ROLL_BACK_DISK((cluster, node, step) -> cluster.rollBackDisk(node)),
        /**
         * Crashes the process and empties its directory. Does nothing if the cluster cannot lose this member, or cannot
         * notice.
         */
        EMPTY_DISK((cluster, node, step) -> cluster.mistakes().emptyDisk(node)),
        /** Crashes the process and replaces its whole directory by an older copy. Limited like {@link #EMPTY_DISK}. */
        RETURN_TO_COPY((cluster, node, step) -> cluster.mistakes().returnToCopy(node)),
        /** Crashes two processes and starts one with the directory of the other. */
        EXCHANGE_DISK((cluster, node, step) -> cluster.mistakes().exchangeDisk(node, step.other(cluster))),
        /** Crashes the process and starts it with other quorums. */
        OTHER_QUORUMS((cluster, node, step) -> cluster.mistakes().restartWithOtherQuorums(node)),
        /** Starts a second process under the id of a member. */
        SECOND_PROCESS((cluster, node, step) -> cluster.mistakes().startSecond(node)),
        /** Asks a member for a snapshot. */
        SNAPSHOT((cluster, node, step) -> snapshot(cluster, node)),
        /**
         * Crashes a member, gives the others 10..60 commands and asks them for snapshots, and restarts the member. If
         * logs are trimmed, it then needs a snapshot.
         */
        LEAVE_BEHIND(10, 60, (cluster, node, step) -> cluster.transfers().leaveBehind(node, step.quantity())),
        /**
         * Waits some heartbeats until a member has a part of a snapshot of another one. Then crashes that member or
         * another one and restarts it, or cuts that member off until it gives up.
         */
        BREAK_TRANSFER((cluster, node, step) -> cluster.transfers().breakOff(step.number())),
        /** Flips a bit of the newest snapshot of a member. */
        DAMAGE_SNAPSHOT((cluster, node, step) -> cluster.damageSnapshot(node)),
        FAIL_WRITE((cluster, node, step) -> cluster.disk(node).failNextWrite()),
        FAIL_FORCE((cluster, node, step) -> cluster.disk(node).failNextForce()),
        /** Sets a wall clock up to 5 s forward or back. */
        JUMP_CLOCK(-5_000, 10_000, (cluster, node, step) -> cluster.jumpClock(node, step.quantity())),
        /** Sets a wall clock forward by 1..100 years. */
        BREAK_CLOCK(1, 100, (cluster, node, step) -> cluster.jumpClock(node, step.quantity() * Setup.YEAR_MS));

        @SuppressWarnings("ImmutableEnumChecker") // no action has state
        private final Action action;

        private final int from; // the least quantity of a step
        private final int count; // how many quantities there are, from..from+count-1; 0 if a step has none

        Kind(final Action action) {
            this(0, 0, action);
        }

        Kind(final int from, final int count, final Action action) {
            this.from = from;
            this.count = count;
            this.action = action;
        }
    }

    @FunctionalInterface
    private interface Action {
        void apply(SimCluster cluster, int node, Step step);
    }

    void applyTo(final SimCluster cluster) {
        kind.action.apply(cluster, id(cluster, node), this);
    }

    /** The amount, brought into the range of the kind. Only of a kind that has a range. */
    int quantity() {
        return kind.from + number() % kind.count;
    }

    /** The message type that the amount stands for. */
    MessageType type() {
        final MessageType[] types = MessageType.values();
        return types[number() % types.length];
    }

    /** The amount without its sign. */
    int number() {
        return amount & Integer.MAX_VALUE;
    }

    private int other(final SimCluster cluster) {
        return id(cluster, number());
    }

    /** The same in every run. The hash code of an enum is not. */
    @Override
    @SuppressWarnings("EnumOrdinal") // nothing outlives the process
    public int hashCode() {
        return (kind.ordinal() * 31 + node) * 31 + amount;
    }

    @Override
    public String toString() {
        return kind + "(" + node + ", " + amount + ")";
    }

    private static void read(final SimCluster cluster, final int node, final Read how) {
        final CompletableFuture<byte[]> checkedWhenItEnds = cluster.readFrom(node, how);
        assert checkedWhenItEnds == null || !checkedWhenItEnds.isCancelled();
    }

    /** Asks a member for a snapshot that nobody waits for. */
    static void snapshot(final SimCluster cluster, final int node) {
        final CompletableFuture<Long> checkedWhenItIsRead = cluster.snapshot(node);
        assert checkedWhenItIsRead == null || !checkedWhenItIsRead.isCancelled();
    }

    private static int[] group(final SimCluster cluster, final int bits) {
        return IntStream.rangeClosed(1, cluster.members())
                .filter(id -> (bits & 1 << (id - 1)) != 0)
                .toArray();
    }

    private static int id(final SimCluster cluster, final int number) {
        final int leader = number == LEADER ? cluster.leader() : 0;
        return leader != 0 ? leader : 1 + Math.floorMod(number, cluster.members());
    }
}
