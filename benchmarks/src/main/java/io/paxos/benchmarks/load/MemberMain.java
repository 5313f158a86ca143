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
 * One replica of ours in a process of its own, with a client in it. Its parent, {@link MemberProcess}, says lines to it and
 * hears lines from it; when the parent is gone, so is this process.
 */
final class MemberMain {
    private static final int ARGUMENTS = 8;

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
                    say("leads " + ballot);
                }
            }

            @Override
            public void onFault(final Throwable cause) {
                say("fault " + cause);
            }
        });
    }

    /** {@code id 1=port,2=port,... directory durability heartbeatNs patience followerLingerNs commandLingerNs}. */
    public static void main(final String[] arguments) throws IOException {
        if (arguments.length != ARGUMENTS) {
            throw new IllegalArgumentException("is started by the load tool alone");
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
                        Long.parseLong(arguments[7])));
        say("up");
        main.obey();
        Runtime.getRuntime().halt(0); // what was told to stay is on disk; a client may still be at work
    }

    static String argument(final Map<Integer, InetSocketAddress> addresses) {
        return addresses.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue().getPort())
                .collect(Collectors.joining(","));
    }

    private static void say(final String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }

    private void obey() throws IOException {
        final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            final String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "load" -> start(LoadSpec.of(words));
                case "watch" -> relay.watchFromNs = Long.parseLong(words[1]);
                case "usage" -> sayUsage();
                case "holding" -> sayHolding();
                default -> throw new IOException("does not understand '" + line + "'");
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
        say("measured " + measured.line());
    }

    private void sayUsage() {
        final ProcessUsage used = ProcessUsage.now();
        final Library.Traffic traffic = member.traffic();
        say("usage " + used.cpuNs() + " " + used.allocatedBytes() + " " + used.collectMs() + " " + used.machineCpuNs()
                + " " + traffic.bytesSent() + " " + traffic.framesSent() + " " + traffic.forces());
    }

    private void sayHolding() {
        final Library.Holding holding = member.holding();
        say("holding " + holding.member() + " " + holding.count() + " " + holding.checksum());
    }

    /** Between the replica, which is there first, and the client; and what the parent wants to hear of at once. */
    private static final class Relay implements Replies, LoadLoop.Watcher {
        private static final long NOT_WATCHING = Long.MAX_VALUE;
        private static final long TICK_NS = Failover.TICK_NS;

        private volatile Replies to;
        private volatile long watchFromNs = NOT_WATCHING;
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
            say("opens");
        }

        @Override
        public void closes() {
            say("closes");
        }

        @Override
        public void replied(final long fromNs, final long nowNs) {
            if (fromNs > watchFromNs) {
                watchFromNs = NOT_WATCHING;
                say("first " + fromNs + " " + nowNs);
            }
            final long now = nowNs / TICK_NS;
            if (now != tick && inTick > 0) {
                say("tick " + tick + " " + inTick);
                inTick = 0;
            }
            tick = now;
            inTick++;
        }
    }
}
