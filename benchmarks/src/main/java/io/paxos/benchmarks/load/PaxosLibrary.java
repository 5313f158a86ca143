package io.paxos.benchmarks.load;

import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.log.Durability;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;

/** Ours: {@code Replica.offer} at the leader; with defaults, or with settings for replicas that share a machine. */
public final class PaxosLibrary implements Library {
    static final String NAME = "paxos";
    static final String DEFAULTS_NAME = "paxos-defaults";

    private static final long LEADER_WAIT_S = 30;
    private static final long FOLLOWER_LINGER_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long COMMAND_LINGER_NS = TimeUnit.MICROSECONDS.toNanos(500);

    private final boolean isTuned;
    private final List<PaxosMember> members = new ArrayList<>();
    private final CountDownLatch led = new CountDownLatch(1);

    /** The id of the member that became leader last; 0 before there was one. */
    private volatile int leader;

    private PaxosLibrary(final boolean isTuned) {
        this.isTuned = isTuned;
    }

    /** With settings for replicas that share a machine, and for the load. */
    static PaxosLibrary tuned() {
        return new PaxosLibrary(true);
    }

    /** With the defaults. */
    static PaxosLibrary withDefaults() {
        return new PaxosLibrary(false);
    }

    @Override
    public String name() {
        return isTuned ? NAME : DEFAULTS_NAME;
    }

    @Override
    public String settings() {
        return "TCP, ChronicleLog, without sync forced every 30 s; "
                + (isTuned
                        ? "followerLingerNs 1 ms, at a given rate with sync commandLingerNs 500 us"
                        : "else defaults");
    }

    /** The options of each replica. */
    PaxosMember.Options options(final Setup setup) {
        final boolean lingers = isTuned && setup.load().ratePerS() > 0 && setup.durability() == Durability.SYNC;
        return new PaxosMember.Options(
                setup.durability(),
                0,
                0,
                isTuned ? FOLLOWER_LINGER_NS : 0,
                lingers ? COMMAND_LINGER_NS : 0,
                setup.keeping());
    }

    @Override
    public String durabilityMeans(final Durability durability) {
        return switch (durability) {
            case SYNC -> "the command was forced to the disks of a majority";
            case REPLICATED -> "the command is in the page caches of a majority";
        };
    }

    @Override
    public List<String> jvmArguments() {
        return List.of("-Xms2g", "-Xmx2g");
    }

    @Override
    public void start(final Setup setup, final Replies replies) throws InterruptedException {
        final Map<Integer, InetSocketAddress> addresses = PaxosMember.freeAddresses(setup.members());
        final PaxosMember.Options options = options(setup);
        for (final int id : setup.members()) {
            members.add(new PaxosMember(
                    id, addresses, setup.directory().resolve(String.valueOf(id)), options, replies, listener(id)));
        }
        if (!led.await(LEADER_WAIT_S, TimeUnit.SECONDS)) {
            throw new IllegalStateException("no leader within " + LEADER_WAIT_S + " s");
        }
    }

    private ReplicaListener listener(final int id) {
        return new ReplicaListener() {
            @Override
            public void onRole(final Status.Role role, final int leaderId, final long ballot) {
                if (role == Status.Role.LEADER) {
                    leader = id;
                    led.countDown();
                }
            }
        };
    }

    @Override
    public boolean submit(final DirectBuffer command, final int offset, final int length) {
        return leader().submit(command, offset, length);
    }

    @Override
    public boolean read(final long sequence) {
        return leader().read(sequence);
    }

    private PaxosMember leader() {
        final int id = leader;
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i).id() == id) {
                return members.get(i);
            }
        }
        throw new IllegalStateException("no leader");
    }

    @Override
    public List<Holding> holdings() {
        return members.stream().map(PaxosMember::holding).toList();
    }

    @Override
    public Traffic traffic() {
        return members.stream().map(PaxosMember::traffic).reduce(Traffic.NONE, Traffic::plus);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(members);
    }
}
