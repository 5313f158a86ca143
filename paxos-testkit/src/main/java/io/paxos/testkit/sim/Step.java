package io.paxos.testkit.sim;

import io.paxos.Read;
import io.paxos.transport.wire.MessageType;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * One thing that a schedule does to a cluster. Legal in every state: a member is named modulo their number, an amount
 * is brought into its range, and what is impossible is not done.
 *
 * @param kind what is done
 * @param node whom to; any number, -1 for whoever leads
 * @param amount how much, or to which other member; any number
 */
public record Step(Kind kind, int node, int amount) {
    /** As a member: whoever leads at that time. */
    public static final int LEADER = -1;

    /** What a step does. */
    public enum Kind {
        /** Lets {@code amount} times 100 us pass, less than 100 ms. */
        RUN((cluster, node, amount) -> cluster.runFor(amount % 1_000 * Setup.TENTH_MS)),
        /** Gives a member 1..8 commands. */
        SUBMIT((cluster, node, amount) -> {
            for (int i = 0; i <= amount % 8; i++) {
                cluster.submitTo(node);
            }
        }),
        /** Gives a member 1..128 commands, more than it may have room for. */
        BURST((cluster, node, amount) -> {
            for (int i = 0; i <= amount % 128; i++) {
                cluster.submitTo(node);
            }
        }),
        READ((cluster, node, amount) -> read(cluster, node, Read.LINEARIZABLE)),
        /** A linearizable read at each member. */
        READ_EVERYWHERE((cluster, node, amount) -> {
            for (int id = 1; id <= cluster.members(); id++) {
                read(cluster, id, Read.LINEARIZABLE);
            }
        }),
        READ_LOCALLY((cluster, node, amount) -> read(cluster, node, Read.LOCAL)),
        CRASH((cluster, node, amount) -> cluster.crash(node)),
        CRASH_KEEPING_ALL((cluster, node, amount) -> cluster.crashKeepingAll(node)),
        /** The member dies within its duty cycle, 1..64 places further on. */
        CRASH_AFTER((cluster, node, amount) -> cluster.crashAfter(node, 1 + amount % 64)),
        RESTART((cluster, node, amount) -> cluster.restart(node)),
        RESTART_ALL((cluster, node, amount) -> {
            for (int id = 1; id <= cluster.members(); id++) {
                cluster.restart(id);
            }
        }),
        PAUSE((cluster, node, amount) -> cluster.pause(node)),
        /** Each wake-up of the process is late, by up to 20 ms. */
        SLOW((cluster, node, amount) -> cluster.slow(node, amount % 200 * Setup.TENTH_MS)),
        /** Ends a pause, or slowness. */
        RESUME((cluster, node, amount) -> cluster.resume(node)),
        RESUME_ALL((cluster, node, amount) -> {
            for (int id = 1; id <= cluster.members(); id++) {
                cluster.resume(id);
            }
        }),
        /** Cuts one direction. */
        CUT((cluster, node, amount) -> cluster.network().cut(node, id(cluster, amount))),
        CUT_BOTH((cluster, node, amount) -> cluster.network().cutBoth(node, id(cluster, amount))),
        /** Cuts the members in two groups: those whose bits are set in {@code amount}, and the others. */
        SPLIT((cluster, node, amount) -> cluster.network().split(group(cluster, amount))),
        /**
         * Leaves the links of one member only: quorum loss, if another one leads; constrained election, if it is
         * behind.
         */
        STAR((cluster, node, amount) -> cluster.network().star(node)),
        /** Leaves the links between neighbours only, in a row that begins with this member. */
        CHAIN((cluster, node, amount) -> cluster.network().chain(node)),
        /** The member hears nobody, and is heard. */
        DEAFEN((cluster, node, amount) -> cluster.network().deafen(node)),
        /** The member is heard by nobody, and hears. */
        MUTE((cluster, node, amount) -> cluster.network().mute(node)),
        ISOLATE((cluster, node, amount) -> cluster.network().isolate(node)),
        MEND((cluster, node, amount) -> cluster.network().mendBoth(node, id(cluster, amount))),
        MEND_ALL((cluster, node, amount) -> cluster.network().mendAll()),
        /** From now on packets of one link keep their order, as over TCP. */
        ORDERED((cluster, node, amount) -> cluster.network().ordered(true)),
        /** Loses up to half of all packets. */
        LOSE((cluster, node, amount) -> cluster.network().loses(amount % 500 * 1_000)),
        /** Repeats up to half of all packets. */
        REPEAT((cluster, node, amount) -> cluster.network().repeats(amount % 500 * 1_000)),
        /** Holds a fifth of all packets up, for up to 50 ms. */
        HOLD_UP((cluster, node, amount) -> cluster.network().holdsUp(200_000, amount % 500 * Setup.TENTH_MS)),
        /** Holds up what one member sends to another, for up to 50 ms. */
        CLOG((cluster, node, amount) ->
                cluster.network().clog(node, id(cluster, amount), amount % 500 * Setup.TENTH_MS)),
        /** From now on only 1..32 packets fit on a link. */
        NARROW((cluster, node, amount) -> cluster.network().capacity(1 + amount % 32)),
        /** Changes the bytes of up to a fifth of all packets. */
        CORRUPT((cluster, node, amount) -> cluster.network().corrupts(amount % 200 * 1_000)),
        /** Loses every packet of one type. */
        DROP_TYPE((cluster, node, amount) -> {
            final MessageType type = type(amount);
            cluster.network().drops(packet -> packet.type() == type);
        }),
        DROP_NOTHING((cluster, node, amount) -> cluster.network().drops(packet -> false)),
        FREEZE_DISK((cluster, node, amount) -> cluster.disk(node).freeze()),
        THAW_DISK((cluster, node, amount) -> cluster.disk(node).thaw()),
        /** Forces take up to 10 ms on average. */
        SLOW_DISK((cluster, node, amount) -> cluster.disk(node).forceTakes(amount % 100 * Setup.TENTH_MS)),
        FILL_DISK((cluster, node, amount) -> cluster.disk(node).fill()),
        FREE_DISK((cluster, node, amount) -> cluster.disk(node).free()),
        /** The next read brings another record. */
        MISDIRECT_READ((cluster, node, amount) -> cluster.disk(node).misdirectNextRead()),
        /** A bit of a durable record flips, if the cluster can do without this member. */
        FLIP_BIT((cluster, node, amount) -> cluster.flipBit(node)),
        /** The process dies and a file of its log is gone, if the cluster can do without this member. */
        LOSE_FILE((cluster, node, amount) -> cluster.loseFile(node)),
        /** The process dies and gets an older copy of its disk, if the cluster can do without this member. */
        ROLL_BACK_DISK((cluster, node, amount) -> cluster.rollBackDisk(node)),
        FAIL_WRITE((cluster, node, amount) -> cluster.disk(node).failNextWrite()),
        FAIL_FORCE((cluster, node, amount) -> cluster.disk(node).failNextForce()),
        /** Sets a wall clock up to 5 s forward or back. */
        JUMP_CLOCK((cluster, node, amount) -> cluster.jumpClock(node, amount % 10_000 - 5_000));

        @SuppressWarnings("ImmutableEnumChecker") // none of the actions holds anything
        private final Action action;

        Kind(final Action action) {
            this.action = action;
        }
    }

    @FunctionalInterface
    private interface Action {
        void apply(SimCluster cluster, int node, int amount);
    }

    void applyTo(final SimCluster cluster) {
        kind.action.apply(cluster, id(cluster, node), amount & Integer.MAX_VALUE);
    }

    /** The same in every run, as that of an enum is not. */
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

    private static int[] group(final SimCluster cluster, final int bits) {
        return IntStream.rangeClosed(1, cluster.members())
                .filter(id -> (bits & 1 << (id - 1)) != 0)
                .toArray();
    }

    @SuppressWarnings("EnumOrdinal") // any type will do
    private static MessageType type(final int number) {
        return MessageType.values()[number % MessageType.values().length];
    }

    private static int id(final SimCluster cluster, final int number) {
        final int leader = number == LEADER ? cluster.leader() : 0;
        return leader != 0 ? leader : 1 + Math.floorMod(number, cluster.members());
    }
}
