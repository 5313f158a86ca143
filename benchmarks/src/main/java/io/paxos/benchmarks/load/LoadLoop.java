package io.paxos.benchmarks.load;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One client on one thread: sends operations, takes the replies, and measures latency from the time at which an
 * operation was due.
 *
 * <p>In a closed loop an operation is due as soon as there is room for it, in an open loop at a time given by the rate.
 * So the wait for a stalled cluster, or for one that takes no command, counts as latency. Example: at 1000 per second,
 * operation 5 is due 4 ms after the start. If the cluster takes it after 90 ms and answers 1 ms later, its latency is
 * 87 ms. Nothing is allocated per operation.
 */
final class LoadLoop implements Replies {
    static final long BUCKET_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long LATENCY_NS_MAX = TimeUnit.MINUTES.toNanos(2);
    private static final long DRAIN_NS_MAX = TimeUnit.SECONDS.toNanos(30);
    private static final long PARK_NS_MAX = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long OVERSLEEP_NS = TimeUnit.MICROSECONDS.toNanos(100); // parking may end so late
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long FREE = Long.MIN_VALUE;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int IDLE_YIELDS = 50; // a yield costs less than the wake-up that it often avoids

    /** Observes the loop, on the client's thread. */
    interface Watcher {
        /** The window begins: the warm-up is over. */
        void opens();

        /** The window ends: the last counted reply was taken. */
        void closes();

        /** A good reply was taken to an operation that was due at {@code fromNs}. */
        default void replied(final long fromNs, final long nowNs) {}
    }

    private final Target target;
    private final Watcher watcher;
    private final LoadSpec load;

    /**
     * The outcomes that were not taken yet: the sequence of a chosen operation, the negative sequence of a failed one.
     */
    private final LongRing ring;

    /** When the operation with this {@code sequence & mask} was due; FREE if none of them waits for its reply. */
    private final long[] intendedNs;

    private final int mask;
    private final UnsafeBuffer command;
    private final Histogram writes = new Histogram(LATENCY_NS_MAX, 3);
    private final Histogram reads = new Histogram(LATENCY_NS_MAX, 3);

    /** Replies per {@link #BUCKET_NS} since the start, warm-up included. */
    private final long[] timeline;

    private final Thread client = Thread.currentThread();

    /** True while the client is about to park or is parked; a thread that puts an outcome then wakes it. */
    private volatile boolean parked;

    private long startNs;

    /** The window is {@code openedNs..endNs}. Before it opens it is empty, so that nothing is counted. */
    private long openedNs;

    private long endNs;

    /** When the next operation is due. */
    private long dueNs;

    /** The highest sequence that the target took; the next operation is {@code submitted + 1}. */
    private long submitted;

    /** How many outcomes were taken, good and bad; never above {@code submitted}. */
    private long done;

    /** How many of them were bad. */
    private long failed;

    /** How many of the good ones were commands, not reads. */
    private long commands;

    /** Whether the target refused the next operation, which therefore was due already. */
    private boolean refused;

    /** The thread that calls this is the client's. */
    LoadLoop(final Target target, final LoadSpec load, final Watcher watcher) {
        this.target = target;
        this.watcher = watcher;
        this.load = load;
        ring = new LongRing(load.outstandingMax());
        // Twice as many as may wait: replies come in any order, and a late one must not stop the others at once.
        intendedNs = new long[2 * BitUtil.findNextPositivePowerOfTwo(load.outstandingMax())];
        Arrays.fill(intendedNs, FREE);
        mask = intendedNs.length - 1;
        command = new UnsafeBuffer(new byte[load.payloadBytes()]);
        for (int i = 0; i < load.payloadBytes(); i++) {
            command.putByte(i, (byte) (i * 31 + 7));
        }
        timeline = new long[(int) ((load.warmupNs() + load.windowNs()) / BUCKET_NS) + 1];
    }

    @Override
    public void chosen(final long sequence, final long count) {
        put(sequence);
    }

    @Override
    public void failed(final long sequence) {
        put(-sequence);
    }

    private void put(final long number) {
        ring.put(number);
        if (parked) {
            parked = false;
            LockSupport.unpark(client);
        }
    }

    /**
     * Loads the target until the window is over and every reply was taken. The target was started with this as its
     * {@link Replies}.
     *
     * @throws IllegalStateException if replies are still missing half a minute after the window
     */
    Measured run() {
        startNs = System.nanoTime();
        dueNs = startNs;
        openedNs = startNs + load.warmupNs();
        endNs = openedNs;
        if (load.warmupNs() > 0) {
            loop(openedNs);
        }
        watcher.opens();
        openedNs = System.nanoTime();
        endNs = openedNs + load.windowNs();
        final long doneBefore = done;
        final long cpuBeforeNs = THREADS.getCurrentThreadCpuTime();
        loop(endNs);
        final long elapsedNs = System.nanoTime() - openedNs;
        final long clientCpuNs = THREADS.getCurrentThreadCpuTime() - cpuBeforeNs;
        final long doneWithin = done - doneBefore;
        watcher.closes();
        drain();
        final int buckets = (int) Math.min(timeline.length, (openedNs + elapsedNs - startNs) / BUCKET_NS);
        return new Measured(
                writes,
                reads,
                elapsedNs,
                doneWithin,
                commands,
                failed,
                Arrays.copyOf(timeline, buckets),
                BUCKET_NS,
                openedNs - startNs,
                clientCpuNs);
    }

    private void loop(final long untilNs) {
        int idle = 0;
        for (long nowNs = System.nanoTime(); nowNs - untilNs < 0; nowNs = System.nanoTime()) {
            if (target.poll() + takeReplies() + submitDue(nowNs) > 0) {
                idle = 0;
            } else {
                idle(++idle, nowNs);
            }
        }
    }

    /** Takes the remaining replies. An open loop first sends what was due within the window. */
    private void drain() {
        final long deadlineNs = System.nanoTime() + DRAIN_NS_MAX;
        int idle = 0;
        while (done < submitted || (load.isOpen() && dueNs - endNs < 0)) {
            final long nowNs = System.nanoTime();
            if (nowNs - deadlineNs > 0) {
                throw new IllegalStateException("half a minute after the last command there were only " + done + " of "
                        + submitted + " replies");
            }
            if (target.poll() + takeReplies() + (load.isOpen() ? submitDue(endNs - 1) : 0) > 0) {
                idle = 0;
            } else {
                idle(++idle, nowNs);
            }
        }
    }

    private int takeReplies() {
        long number = ring.take();
        if (number == 0) {
            return 0;
        }
        final long nowNs = System.nanoTime(); // the clock is read once for all that are there
        int taken = 0;
        for (; number != 0; number = ring.take()) {
            replied(Math.abs(number), number > 0, nowNs);
            taken++;
        }
        done += taken;
        final int bucket = (int) ((nowNs - startNs) / BUCKET_NS);
        if (bucket < timeline.length) {
            timeline[bucket] += taken;
        }
        return taken;
    }

    private void replied(final long sequence, final boolean isGood, final long nowNs) {
        final int place = (int) sequence & mask;
        final long fromNs = intendedNs[place];
        intendedNs[place] = FREE;
        if (!isGood) {
            failed++;
            return;
        }
        final boolean isRead = load.isRead(sequence);
        if (!isRead) {
            commands++;
        }
        watcher.replied(fromNs, nowNs);
        if (fromNs - openedNs >= 0 && fromNs - endNs < 0) { // due within the window
            (isRead ? reads : writes).recordValue(Math.min(LATENCY_NS_MAX, nowNs - fromNs));
        }
    }

    private int submitDue(final long nowNs) {
        int work = 0;
        while (submitted - done < load.outstandingMax() && intendedNs[(int) (submitted + 1) & mask] == FREE) {
            if (!load.isOpen() && !refused) {
                dueNs = nowNs; // there is room from now on; a refusal does not make it due later
            }
            if (dueNs - nowNs > 0) {
                break;
            }
            refused = !submit(submitted + 1);
            if (refused) {
                break;
            }
            work++;
            if (load.isOpen()) {
                dueNs = startNs + submitted * SECOND_NS / load.ratePerS();
            }
        }
        return work;
    }

    private boolean submit(final long sequence) {
        final int place = (int) sequence & mask;
        intendedNs[place] = dueNs; // before the reply can come
        command.putLong(0, sequence, ByteOrder.LITTLE_ENDIAN);
        final boolean taken =
                load.isRead(sequence) ? target.read(sequence) : target.submit(command, 0, load.payloadBytes());
        if (taken) {
            submitted = sequence;
        } else {
            intendedNs[place] = FREE;
        }
        return taken;
    }

    @SuppressWarnings("ThreadPriorityCheck")
    private void idle(final int turns, final long nowNs) {
        if (turns <= IDLE_YIELDS) {
            Thread.yield();
            return;
        }
        final boolean waitsForClock = load.isOpen() && submitted - done < load.outstandingMax() && dueNs - endNs < 0;
        final long parkNs = waitsForClock ? Math.min(PARK_NS_MAX, dueNs - nowNs - OVERSLEEP_NS) : PARK_NS_MAX;
        if (parkNs <= 0) {
            Thread.yield();
            return;
        }
        parked = true;
        if (ring.isEmpty()) {
            LockSupport.parkNanos(parkNs);
        }
        parked = false;
    }
}
