package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import java.util.function.IntToLongFunction;

/**
 * Whether the connection to one peer still carries, so that it need not wait for the timers of TCP, which double.
 *
 * <p>Where the kernel tells what is acknowledged (epoll), that decides: a peer whose process does not read or is
 * stopped acknowledges all the same and keeps its connection. Elsewhere a peer that has sent frames is dead if it sends
 * none for as long, and a stopped process cannot be told from a cut.
 *
 * <p>The time counts while something is sent. A check that comes late proves nothing, because this process itself had
 * stopped, and begins anew.
 */
final class Liveness {
    private static final int CHECKS = 8; // in one timeout
    private static final int ROUND_TRIPS = 4; // a timeout is at least as long

    /** No frame of the peer has arrived over any connection that is still there. */
    static final long NEVER_NS = Long.MIN_VALUE;

    private final int peer;
    private final TcpOptions options;
    private final IntToLongFunction heardNs; // when the peer was last heard; NEVER_NS if not
    private final LinkState link = new LinkState();

    private boolean watching; // something was sent since the last proof of life
    private long checkNs; // when to check next; meaningful while watching, as are the next two
    private long aliveNs; // the peer was alive then, or nothing was due from it
    private long begunNs; // when the connection was welcomed

    Liveness(final int peer, final TcpOptions options, final IntToLongFunction heardNs) {
        this.peer = peer;
        this.options = options;
        this.heardNs = heardNs;
    }

    /** A new connection. */
    void begin(final long nowNs) {
        watching = false;
        begunNs = nowNs;
    }

    boolean isWatching() {
        return watching;
    }

    /** Something is sent. The caller arms {@link #checkNs}. Only if it is not watching. */
    void watch(final long nowNs) {
        watching = true;
        aliveNs = nowNs;
        checkNs = nowNs + intervalNs();
    }

    /** When {@link #isDead} is to be asked; meaningful while it is watching. */
    long checkNs() {
        return checkNs;
    }

    private long intervalNs() {
        return options.silenceTimeoutNs() / CHECKS + 1;
    }

    /** Whether the peer has given no sign of life for too long. To be asked at {@link #checkNs}. */
    boolean isDead(final Channel channel, final long nowNs) {
        options.kind().observe(channel, link);
        return isDead(link, nowNs);
    }

    boolean isDead(final LinkState link, final long nowNs) {
        final boolean isLate = nowNs - checkNs > 2 * intervalNs();
        checkNs = nowNs + intervalNs();
        if (link.isKnown() && !link.isWaiting()) {
            watching = false;
            return false;
        }
        final long signNs = link.isKnown() ? nowNs - link.acknowledgedNs() : signNs(nowNs);
        if (isLate) {
            aliveNs = nowNs;
        } else if (signNs - aliveNs > 0) {
            aliveNs = signNs;
        }
        return nowNs - aliveNs >= timeoutNs(link);
    }

    /** Without the kernel's word, a peer that has sent nothing so far owes nothing. */
    private long signNs(final long nowNs) {
        final long heard = heardNs.applyAsLong(peer);
        return heard == NEVER_NS ? nowNs : heard;
    }

    private long timeoutNs(final LinkState link) {
        return link.isKnown()
                ? Math.max(options.silenceTimeoutNs(), ROUND_TRIPS * link.roundTripNs())
                : options.silenceTimeoutNs();
    }

    /**
     * Whether this connection is most likely dead, now that the peer has dialled anew: the kernel repeats what it sent.
     * Elsewhere: the peer had sent nothing for a while. A connection that has just begun is not, so that two peers do
     * not redial each other for ever.
     */
    boolean isDoubtful(final Channel channel, final long nowNs) {
        options.kind().observe(channel, link);
        return isDoubtful(link, nowNs);
    }

    boolean isDoubtful(final LinkState link, final long nowNs) {
        return link.isKnown()
                ? link.isWaiting() && link.isRepeating()
                : nowNs - begunNs > options.silenceTimeoutNs()
                        && nowNs - signNs(nowNs) > options.silenceTimeoutNs() / 2;
    }
}
