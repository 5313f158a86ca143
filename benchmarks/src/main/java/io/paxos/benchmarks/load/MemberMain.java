package io.paxos.benchmarks.load;

import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.log.Durability;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One replica of ours in a process of its own, with a client in it. Its parent, {@link MemberProcess}, sends lines to
 * its standard input and receives lines from its standard output. The process ends when the parent is gone.
 */
final class MemberMain {
    private static final int ARGUMENTS = 12;

    private final PaxosMember member;
    private final Relay relay = new Relay();

    private MemberMain(
            final int id,
            final Map<Integer, InetSocketAddress> addresses,
            final Path dir,
            final PaxosMember.Options how) {
        member = new PaxosMember(id, addresses, dir, how, relay, new ReplicaListener() {
            @Override
            public void onRole(final Status.Role role, final int leaderId, final long ballot) {
                if (role == Status.Role.LEADER) {
                    print("leads " + ballot);
                }
            }

            @Override
            public void onFault(final Throwable cause) {
                print("fault " + cause);
            }
        });
    }

    /**
     * {@code id 1=port,2=port,... directory durability heartbeatNs patience followerLingerNs commandLingerNs
     * snapshotBytes logTailBytes maxLogBytes stateBytes}.
     */
    public static void main(final String[] arguments) throws IOException {
        if (arguments.length != ARGUMENTS) {
            throw new IllegalArgumentException("the load tool starts this program; start load instead");
        }
        final Map<Integer, InetSocketAddress> addresses = new LinkedHashMap<>();
        for (final String pair : arguments[1].split(",", -1)) {
            final int split = pair.indexOf('=');
            addresses.put(
                    Integer.valueOf(pair.substring(0, split)),
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), Integer.parseInt(pair.substring(split + 1))));
        }
        final MemberMain main = new MemberMain(
                Integer.parseInt(arguments[0]),
                addresses,
                Path.of(arguments[2]),
                new PaxosMember.Options(
                        Durability.valueOf(arguments[3]),
                        Long.parseLong(arguments[4]),
                        Integer.parseInt(arguments[5]),
                        Long.parseLong(arguments[6]),
                        Long.parseLong(arguments[7]),
                        new Keeping(
                                Long.parseLong(arguments[8]),
                                Long.parseLong(arguments[9]),
                                Long.parseLong(arguments[10]),
                                Long.parseLong(arguments[11]))));
        print("up");
        main.readOrders();
        Runtime.getRuntime().halt(0); // a client may still be running; what was acknowledged is on disk
    }

    static String argument(final Map<Integer, InetSocketAddress> addresses) {
        return addresses.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue().getPort())
                .collect(Collectors.joining(","));
    }

    private static void print(final String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }

    private void readOrders() throws IOException {
        final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            final String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "load" -> start(LoadSpec.of(words));
                case "watch" -> relay.watchFromNs = Long.parseLong(words[1]);
                case "usage" -> printUsage();
                case "holding" -> printHolding();
                default -> throw new IOException("unknown line from the load tool: '" + line + "'");
            }
        }
    }

    private void start(final LoadSpec load) {
        final Thread client = new Thread(() -> run(load), "client");
        client.setDaemon(true);
        client.start();
    }

    private void run(final LoadSpec load) {
        final LoadLoop loop = new LoadLoop(member, load, relay);
        relay.to = loop;
        final Measured measured = loop.run();
        print("measured " + measured.line());
    }

    private void printUsage() {
        final ProcessUsage used = ProcessUsage.now();
        final Library.Traffic traffic = member.traffic();
        print("usage " + used.cpuNs() + " " + used.allocatedBytes() + " " + used.collectMs() + " " + used.machineCpuNs()
                + " " + traffic.bytesSent() + " " + traffic.framesSent() + " " + traffic.forces());
    }

    private void printHolding() {
        final Library.Holding holding = member.holding();
        print("holding " + holding.member() + " " + holding.count() + " " + holding.checksum());
    }

    /** Passes outcomes to the client, which is created after the replica, and reports replies to the parent. */
    private static final class Relay implements Replies, LoadLoop.Watcher {
        private static final long NOT_WATCHING = Long.MAX_VALUE;
        private static final long TICK_NS = Failover.TICK_NS;

        /** The client; null before there is a load. */
        private volatile Replies to;

        /** The first reply to an operation that was due after this is reported at once. */
        private volatile long watchFromNs = NOT_WATCHING;

        /** The current tick, and how many replies came within it. */
        private long tick;

        private long inTick;

        @Override
        public void chosen(final long sequence, final long count) {
            to.chosen(sequence, count);
        }

        @Override
        public void failed(final long sequence) {
            to.failed(sequence);
        }

        @Override
        public void opens() {
            print("opens");
        }

        @Override
        public void closes() {
            print("closes");
        }

        @Override
        public void replied(final long fromNs, final long nowNs) {
            if (fromNs > watchFromNs) {
                watchFromNs = NOT_WATCHING;
                print("first " + fromNs + " " + nowNs);
            }
            final long now = nowNs / TICK_NS;
            if (now != tick && inTick > 0) {
                print("tick " + tick + " " + inTick);
                inTick = 0;
            }
            tick = now;
            inTick++;
        }
    }
}
