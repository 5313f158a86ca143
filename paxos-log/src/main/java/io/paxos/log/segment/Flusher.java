package io.paxos.log.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that forces. The replica thread requests a force and does not wait for it. The next force covers all
 * records that were appended during this one.
 *
 * <p>Example: records below 10 are forced. The replica appends 10 to 12 and asks for all below 13. While that force is
 * under way, it appends 13 to 40 and asks for all below 41. The next force covers these 28 records at once.
 *
 * <p>A force that failed is never tried again: the kernel may have dropped the pages, and would report success.
 */
public final class Flusher {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long FILL_AHEAD = 2; // under load the next segment is filled when the present one is half full
    private static final long FILL_IDLE_BYTES = 32 << 20; // and this far at least when there is nothing else to do
    private static final long IDLE_NS = 10_000_000;

    /** From this size on a force costs more with zeros written first than into holes: measured, see decision 0023. */
    private static final int LARGE_FORCE_BYTES = 64 << 10;

    private static final int SMOOTHING = 16;

    private final Disk disk;
    private final LogDirectory directory;
    private final Watermark watermark;
    private final LogFailure failure;
    private final Trimmer trimmer;
    private final Reserve reserve;
    private final long forceDelayNs;
    private final long watermarkIntervalNs;
    private final Thread thread;

    // owned by the flusher thread
    private Link current;
    private FileChannel channel;
    private long forcedAtNs; // when the last force ended
    private long watermarkAtNs; // when the watermark was last written
    private boolean rolled; // a segment has ended since the watermark was last written
    private boolean isNewFile; // the name of the current file is not durable yet
    private long forcedBytes; // the value of requestedBytes at the last force
    private long meanForceBytes; // bytes per force, smoothed

    // owned by the replica thread
    private Link last; // the segment that is appended to

    private long rolledBytes; // in all segments before the present one

    /** What the replica thread wants to be durable: every record below this sequence. */
    private volatile long requested;

    /** Every record below this sequence is on disk. */
    private volatile long forced;

    /** How often data was forced. Only the flusher thread adds. */
    private volatile long forces;

    private volatile NextSegment next;
    private volatile long activeBytes; // of the segment that is appended to
    private volatile long requestedBytes; // since the opening
    private volatile boolean asleep;
    private volatile boolean closing;
    private volatile Runnable wakeup = () -> {};

    /**
     * A segment, in the order in which they are forced; {@code following} is linked before anything in it is asked for.
     */
    private static final class Link {
        private final Path file;
        private final long firstSequence;
        private volatile Link following;

        private Link(final Path file, final long firstSequence) {
            this.file = file;
            this.firstSequence = firstSequence;
        }
    }

    /** {@code forceDelayNs}: the least time between two forces; 0 forces at once. */
    Flusher(
            final Disk disk,
            final LogDirectory directory,
            final LogFailure failure,
            final SpareSegments spares,
            final Reserve reserve,
            final long forceDelayNs,
            final long watermarkIntervalNs) {
        this.disk = disk;
        this.directory = directory;
        watermark = directory.watermark();
        this.failure = failure;
        this.reserve = reserve;
        trimmer = new Trimmer(directory, disk, spares, reserve);
        this.forceDelayNs = forceDelayNs;
        this.watermarkIntervalNs = watermarkIntervalNs;
        thread = new Thread(this::run, "paxos-log-flusher");
        thread.setDaemon(true);
    }

    /** Forces the first segment of the incarnation, on the calling thread, then starts the flusher's own. */
    void start(final Path file, final long firstSequence, final long nextSequence) throws IOException {
        current = new Link(file, firstSequence);
        last = current;
        requested = nextSequence;
        forced = nextSequence;
        forcedAtNs = System.nanoTime();
        try {
            openCurrent();
            forceCurrent();
            disk.forceDirectory(file.getParent().getParent());
            watermark.require(directory.incarnation(), forced - 1);
            watermarkAtNs = System.nanoTime();
            thread.start();
        } catch (IOException | RuntimeException | Error e) {
            closeChannel();
            throw e;
        }
    }

    /** The sequence below which every record is to be forced, and was written. */
    long requested() {
        return requested;
    }

    /** The sequence below which every record is on disk. */
    public long forced() {
        return forced;
    }

    public long forces() {
        return forces;
    }

    /** How many bytes of records the replica thread wanted to be durable since the opening. Any thread. */
    public long requestedBytes() {
        return requestedBytes;
    }

    public void onForced(final Runnable newWakeup) {
        wakeup = newWakeup;
    }

    /**
     * Asks for everything below {@code sequence} to be forced, which ends at this byte of its segment. The replica
     * thread.
     */
    void request(final long sequence, final long segmentBytes) {
        activeBytes = segmentBytes;
        requestedBytes = rolledBytes + segmentBytes;
        requested = sequence;
        if (asleep) {
            LockSupport.unpark(thread);
        }
    }

    /** Adds a new segment, before anything in it is requested. The replica thread. */
    void rolled(final Path file, final long firstSequence) {
        final Link link = new Link(file, firstSequence);
        last.following = link;
        last = link;
        rolledBytes += activeBytes;
        activeBytes = 0;
    }

    /** Gives the flusher a file to fill when it has time. */
    void prepare(final NextSegment segment) {
        next = segment;
        LockSupport.unpark(thread);
    }

    /** Takes over segments that were given up, once the log begins at this bottom on disk. The replica thread. */
    void trim(final Bottom bottom, final List<Segments.Segment> givenUp) {
        trimmer.trim(bottom, givenUp);
        LockSupport.unpark(thread);
    }

    /** Forces everything below {@code sequence}, writes the watermark and ends the thread, if it was started. */
    void close(final long sequence) {
        requested = sequence;
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!failure.hasHappened()) {
                final boolean last = closing; // read before the request, which is the older of the two
                final int work = forceIfDue(last) + prepareNext(last) + watermarkIfDue(last) + trimmer.step(forced);
                if (last) {
                    trimmer.close();
                    break;
                }
                if (reserve.step(System.nanoTime())) {
                    trimmer.resume();
                    wakeup.run();
                } else if (work == 0) {
                    sleep();
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            failure.record(message(e), e);
            wakeup.run();
            if (!(e instanceof StorageException)) { // which is not about a force
                directory.markFailure(failure.first());
            }
        } finally {
            closeChannel();
        }
    }

    private String message(final Throwable cause) {
        if (cause instanceof StorageException complete) {
            return complete.getMessage();
        }
        return "forcing " + current.file + " failed (" + cause.getMessage() + "), so what was written since the last"
                + " force may not be on disk: check the disk and its space, then restart this replica, which copies"
                + " what it can still read to new blocks";
    }

    private int forceIfDue(final boolean now) throws IOException {
        final long through = requested;
        final long bytes = requestedBytes;
        if (through <= forced || (!now && System.nanoTime() - forcedAtNs < forceDelayNs)) {
            return 0;
        }
        for (Link link = current.following; link != null && link.firstSequence < through; link = current.following) {
            forceCurrent();
            channel.close();
            current = link;
            openCurrent();
            rolled = true;
        }
        forceCurrent();
        meanForceBytes += (bytes - forcedBytes - meanForceBytes) / SMOOTHING;
        assert bytes >= forcedBytes : "bytes=" + bytes + " forcedBytes=" + forcedBytes;
        forcedBytes = bytes;
        forcedAtNs = System.nanoTime();
        forced = through;
        wakeup.run();
        return 1;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void forceCurrent() throws IOException {
        disk.force(current.file, channel, isNewFile);
        if (isNewFile) {
            disk.forceDirectory(current.file.getParent());
            isNewFile = false;
        }
        forces++;
    }

    /**
     * Makes the next segment and fills it if that pays. Under load it fills only what is needed, because a reply waits
     * for the next force.
     */
    private int prepareNext(final boolean closingNow) throws IOException {
        final NextSegment segment = next;
        if (segment == null || closingNow) {
            return 0;
        }
        if (segment.make()) {
            return 1;
        }
        final boolean isIdle = System.nanoTime() - forcedAtNs >= IDLE_NS;
        return isToFill(segment, isIdle) && segment.fillSlice() ? 1 : 0;
    }

    private boolean isToFill(final NextSegment segment, final boolean isIdle) {
        final long ahead = Math.max(FILL_AHEAD * activeBytes, isIdle ? FILL_IDLE_BYTES : 0);
        return mayFill() && segment.filled() < ahead;
    }

    /** Filling pays only if replies wait for the disk and forces are small. */
    private boolean mayFill() {
        return forceDelayNs == 0 && meanForceBytes < LARGE_FORCE_BYTES;
    }

    /**
     * On closing, both slots get the final value. So damage to one slot cannot hide that records are missing. */
    private int watermarkIfDue(final boolean closingNow) throws IOException {
        if (closingNow) {
            writeWatermark();
            writeWatermark();
            return 1;
        }
        if (watermark.durableSequence() == forced - 1
                || (!rolled && System.nanoTime() - watermarkAtNs < watermarkIntervalNs)) {
            return 0;
        }
        directory.requireOwned();
        writeWatermark();
        return 1;
    }

    /** If there is no space, the watermark lags until the next time, which is safe. */
    private void writeWatermark() throws IOException {
        watermark.write(directory.incarnation(), forced - 1);
        watermarkAtNs = System.nanoTime();
        rolled = false;
    }

    private void sleep() {
        final long nowNs = System.nanoTime();
        final long forceInNs = requested > forced ? forceDelayNs - (nowNs - forcedAtNs) : NEVER;
        final long watermarkInNs =
                watermark.durableSequence() < forced - 1 ? watermarkIntervalNs - (nowNs - watermarkAtNs) : NEVER;
        final NextSegment segment = next;
        final long fillInNs = segment != null && segment.isFilling() && isToFill(segment, true) ? IDLE_NS : NEVER;
        final long reserveInNs = reserve.untilLookNs(nowNs);
        final long sleepNs = Math.min(Math.min(forceInNs, watermarkInNs), Math.min(fillInNs, reserveInNs));
        if (forceInNs == NEVER) {
            asleep = true;
            if (requested > forced || closing) { // requested before asleep was set
                asleep = false;
                return;
            }
        }
        if (sleepNs == NEVER) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, sleepNs);
        }
        asleep = false;
    }

    private void openCurrent() throws IOException {
        channel = FileChannel.open(current.file, StandardOpenOption.WRITE);
        isNewFile = true;
    }

    private void closeChannel() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            failure.record("closing " + current.file + " failed (" + e.getMessage() + "): check the disk", e);
        }
    }
}
