package io.paxos.examples.kv;

import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** All clients of one server, and what they have in common: places and memory. Owned by the event loop. */
final class Clients {
    /** How long a batch waits for memory for its replies before it is refused. */
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    /** When memory lacks, a client gives way that has kept some for so long without doing its part. */
    static final long STALLED_NS = TimeUnit.SECONDS.toNanos(2);

    /** A client that keeps memory and does not read gives way after this time though none lacks. */
    private static final long STALLED_NS_MAX = TimeUnit.SECONDS.toNanos(60);

    /** When all places are taken, a client gives way that has been idle for so long. */
    private static final long IDLE_NS_MIN = TimeUnit.SECONDS.toNanos(1);

    /** This part of the memory becomes free at a time, if stalled clients keep it. */
    private static final int FREED_SHARES = 8;

    private final ClientLimits limits;
    private final ClientMemory memory;
    private final Consumer<Throwable> onFailure;
    private final Set<RespConnection> connections = new LinkedHashSet<>();

    /** Clients whose batches wait for memory, the first one first. One whose channel is closed may be among them. */
    private final ArrayDeque<RespConnection> starved = new ArrayDeque<>();

    /** Those of them whose replies are large, so that they hold up nobody else. */
    private final ArrayDeque<RespConnection> starvedLarge = new ArrayDeque<>();

    /** {@link #serveStarved} will run. */
    private boolean isServing;

    Clients(final ClientLimits limits, final Consumer<Throwable> onFailure) {
        this.limits = limits;
        this.memory = new ClientMemory(limits.memoryBytes());
        this.onFailure = onFailure;
    }

    ClientLimits limits() {
        return limits;
    }

    ClientMemory memory() {
        return memory;
    }

    int count() {
        return connections.size();
    }

    /** Gives the client a place, perhaps that of the one that is idle for the longest time. False if there is none. */
    boolean admit(final RespConnection client) {
        if (connections.size() >= limits.connections() && !makePlace(System.nanoTime())) {
            return false;
        }
        return connections.add(client);
    }

    private boolean makePlace(final long nowNs) {
        RespConnection longest = null;
        long longestNs = IDLE_NS_MIN;
        for (final RespConnection client : connections) {
            if (client.isIdle() && client.idleNs(nowNs) > longestNs) {
                longest = client;
                longestNs = client.idleNs(nowNs);
            }
        }
        if (longest == null) {
            return false;
        }
        connections.remove(longest);
        longest.close();
        return true;
    }

    void leave(final RespConnection client) {
        connections.remove(client);
    }

    /** The client lacks memory for replies, and tries again when there is some, in its turn. */
    void await(final RespConnection client, final long bytes) {
        (bytes > ClientMemory.LARGE_BYTES ? starvedLarge : starved).add(client);
    }

    /** There is memory again. */
    void freed(final ChannelHandlerContext ctx) {
        if (!isServing && (!starved.isEmpty() || !starvedLarge.isEmpty())) {
            isServing = true;
            execute(ctx, () -> {
                isServing = false;
                serveStarved(System.nanoTime());
            });
        }
    }

    /** Something went wrong that is no matter of the network. */
    void failed(final Throwable cause) {
        onFailure.accept(cause);
    }

    /** Runs this on the loop of the client, if that has not ended. */
    void execute(final ChannelHandlerContext ctx, final Runnable task) {
        try {
            ctx.executor().execute(() -> guard(task));
        } catch (final RejectedExecutionException e) {
            // The server has closed, and with it the client that would be answered.
        }
    }

    /** Netty would log what a task throws, and go on. */
    void guard(final Runnable task) {
        try {
            task.run();
        } catch (final RuntimeException | Error e) {
            onFailure.accept(e);
            throw e;
        }
    }

    private void serveStarved(final long nowNs) {
        serve(starved, nowNs);
        serve(starvedLarge, nowNs);
    }

    private static void serve(final ArrayDeque<RespConnection> queue, final long nowNs) {
        // Each once at most: one that got memory may come again, at the end.
        for (int i = queue.size(); i > 0 && queue.peek().retry(nowNs, PATIENCE_NS); i--) {
            queue.remove();
        }
    }

    /** To be called some times a second: ends what is idle or stalled, and serves or refuses what waits for memory. */
    void sweep(final long nowNs) {
        final List<RespConnection> gone = new ArrayList<>();
        for (final RespConnection client : connections) {
            final boolean isIdle = limits.idleNs() > 0 && client.isIdle() && client.idleNs(nowNs) > limits.idleNs();
            if (isIdle || client.stalledNs(nowNs) > STALLED_NS_MAX) {
                gone.add(client);
            }
        }
        gone.forEach(RespConnection::close);
        if (memory.pollShortage() || !starved.isEmpty() || !starvedLarge.isEmpty()) {
            closeStalled(nowNs);
        }
        serveStarved(nowNs);
    }

    /** Ends those that have kept memory the longest without doing their part, until an eighth of it is free. */
    private void closeStalled(final long nowNs) {
        final List<RespConnection> stalled = new ArrayList<>();
        for (final RespConnection client : connections) {
            if (client.stalledNs(nowNs) > STALLED_NS) {
                stalled.add(client);
            }
        }
        stalled.sort((a, b) -> Long.compare(b.stalledNs(nowNs), a.stalledNs(nowNs)));
        long freed = 0;
        for (final RespConnection client : stalled) {
            if (freed >= memory.limit() / FREED_SHARES) {
                return;
            }
            freed += client.keeps();
            client.close();
        }
    }
}
