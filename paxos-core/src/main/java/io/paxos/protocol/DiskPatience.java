package io.paxos.protocol;

import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Probe;

/**
 * Notices a log that makes no progress, and waits longer for one that is known to be slow.
 *
 * <p>A disk that has come to an end after all was slow: it did not hang. From then on it gets twice the time that it
 * took, at most 32 times the setting. Otherwise leadership would move in circles between members whose disks are
 * equally slow. With each later sync the limit shrinks by an eighth, down to the setting or twice what that sync took.
 *
 * <p>Example with a setting of 1 s: a sync takes 1.5 s. After 1 s the log counts as stalled. After the sync the limit
 * is 3 s. Then a sync of 2 s is no stall, and the limit becomes 4 s, twice as long. A sync of 0.1 s takes it down to
 * 3.5 s.
 */
final class DiskPatience {
    private static final int DECAY = 8; // a sync takes off this fraction of the limit
    private static final int LIMITS_MAX = 32; // the limit is never more than this many times the setting

    private final AcceptorLog log;
    private final Probe probe;
    private final long stallNs;
    private long limitNs; // stallNs..32 * stallNs
    private long durableAtProgress = -1; // the durable position at the last progress; -1 before the first look
    private long progressNs; // when the log last moved, or had nothing to do

    DiskPatience(final AcceptorLog log, final Probe probe, final long stallNs) {
        this.log = log;
        this.probe = probe;
        this.stallNs = stallNs;
        limitNs = stallNs;
    }

    /** Looks at the log. Called in each duty cycle. */
    void look(final long nowNs) {
        final long durable = log.durablePosition();
        if (durable != durableAtProgress && durableAtProgress >= 0) {
            adapt(nowNs - progressNs);
        }
        if (durable != durableAtProgress || durable >= log.appendedPosition()) {
            durableAtProgress = durable;
            progressNs = nowNs;
        }
    }

    /** How long a disk may take now. */
    long limitNs() {
        return limitNs;
    }

    /** Whether the log has had something to make durable for longer than the limit, without progress. */
    boolean isStalled(final long nowNs) {
        final long durationNs = nowNs - progressNs;
        if (durationNs <= limitNs) {
            return false;
        }
        probe.stalled(durationNs);
        return true;
    }

    private void adapt(final long tookNs) {
        limitNs = Math.max(limitNs - limitNs / DECAY, Math.min(2 * tookNs, LIMITS_MAX * stallNs));
        limitNs = Math.max(limitNs, stallNs);
    }
}
