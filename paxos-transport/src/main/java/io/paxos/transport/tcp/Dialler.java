package io.paxos.transport.tcp;

import io.netty.channel.Channel;
import io.paxos.transport.wire.TransportCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to one peer, again and again until the peer welcomes this replica.
 *
 * <p>A packet that asks for a connection may be lost, and TCP repeats it after a second, then after two, and so on. So
 * while nothing comes back another attempt begins each 0.2 s, beside the earlier ones: whatever the round trip is, one
 * of them connects, and the wait after the end of a cut is that interval. The first that TCP connects sends the hello;
 * the others are closed. So the peer never sees two hellos of which the second would end the first connection.
 */
final class Dialler implements Dial.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Dialler.class);

    static final long BACKOFF_NS_MAX = 1_000_000_000L;
    private static final long BACKOFF_NS_MIN = 40_000_000L; // the pause is half of it and a random half on top
    private static final long INTERVAL_NS = 200_000_000L; // as are the pauses between attempts that get no answer
    private static final int DIALS_MAX = 16;
    private static final long LOG_PAUSE_NS = 10_000_000_000L;

    /** Makes an attempt that has not begun. */
    interface Attempts {
        /** Throws any exception if it cannot, most likely because there are no file descriptors. */
        Dial open(Dial.Listener listener, long nowNs) throws Exception;
    }

    /** Gets what comes of the attempts. */
    interface Listener {
        /** The peer has replied to the hello, once or again. */
        void onReply(Dial dial, HandshakeReply reply);

        /** The connection, of which {@link #connected} was told, is over. */
        void onClosed(Dial dial);
    }

    private final int peer;
    private final TcpOptions options;
    private final Attempts attempts;
    private final TransportCounters counters;
    private final Random random;
    private final Listener listener;
    private final List<Dial> dials = new ArrayList<>(); // under way, oldest first; at most DIALS_MAX

    private IoLoop loop; // null until started
    private Dial speaker; // that one of dials that has sent the hello; null if none has
    private boolean connected; // a dial was welcomed and is not over: nothing is due
    private long nextNs; // when the next attempt begins, unless one has sent the hello; meaningful unless connected
    private long backoffNs = BACKOFF_NS_MIN; // the next pause after a failure, BACKOFF_NS_MIN..BACKOFF_NS_MAX
    private long logAgainNs; // no failure is logged before; meaningful if hasLogged
    private boolean hasLogged;
    private boolean closed; // never false again

    Dialler(
            final int peer,
            final TcpOptions options,
            final Attempts attempts,
            final TransportCounters counters,
            final Random random,
            final Listener listener) {
        this.peer = peer;
        this.options = options;
        this.attempts = attempts;
        this.counters = counters;
        this.random = random;
        this.listener = listener;
    }

    /** The first attempt begins at the next timer, on this loop and its thread. */
    void start(final IoLoop loop) {
        this.loop = loop;
        actAt(options.clock().nanoTime());
    }

    private void actAt(final long timeNs) {
        nextNs = timeNs;
        loop.arm(timeNs);
    }

    /** The next attempt begins at the next timer, unless one has sent the hello. */
    void dialNow(final long nowNs) {
        resetBackoff();
        if (!closed) {
            actAt(nowNs);
        }
    }

    void resetBackoff() {
        backoffNs = BACKOFF_NS_MIN;
    }

    /** Gives up what is overdue, begins what is due, and arms the next timer. Only while there is no connection. */
    void onTimer(final long nowNs) {
        while (!dials.isEmpty() && dials.get(0).deadlineNs() - nowNs <= 0) {
            expire(dials.get(0), nowNs);
        }
        if (speaker == null && nextNs - nowNs <= 0) {
            begin(nowNs);
        }
        if (speaker == null) {
            loop.arm(nextNs);
        }
        if (!dials.isEmpty()) {
            loop.arm(dials.get(0).deadlineNs());
        }
    }

    private void expire(final Dial dial, final long nowNs) {
        final boolean wasHeard = dial == speaker; // by the peer's kernel: its process does not answer
        dial.hangUp();
        counters.dialFailed();
        if (wasHeard) {
            backOff(nowNs);
        }
    }

    private void begin(final long nowNs) {
        if (dials.size() == DIALS_MAX) {
            dials.get(0).hangUp();
        }
        actAt(nowNs + jittered(INTERVAL_NS));
        try {
            final Dial dial = attempts.open(this, nowNs);
            dials.add(dial);
            dial.begin(loop, options.addresses().get(peer));
        } catch (final Exception e) { // of any class: it depends on the library and on the system
            counters.dialFailed();
            log(nowNs, e);
            backOff(nowNs);
        }
    }

    private void log(final long nowNs, final Exception cause) {
        if (!hasLogged || nowNs - logAgainNs >= 0) {
            hasLogged = true;
            logAgainNs = nowNs + LOG_PAUSE_NS;
            LOG.warn("no attempt to connect to replica {} can begin, trying again: {}", peer, cause.toString());
        }
    }

    private long jittered(final long pauseNs) {
        return pauseNs / 2 + (long) (random.nextDouble() * pauseNs / 2);
    }

    private void backOff(final long nowNs) {
        if (!closed) {
            actAt(nowNs + jittered(backoffNs));
            backoffNs = Math.min(backoffNs * 2, BACKOFF_NS_MAX);
        }
    }

    @Override
    public boolean onActive(final Dial dial) {
        if (closed || connected || speaker != null || !dials.contains(dial)) {
            dial.hangUp();
            return false;
        }
        speaker = dial;
        for (final Dial other : List.copyOf(dials)) {
            if (other != dial) {
                other.hangUp();
            }
        }
        return true;
    }

    @Override
    public void onReply(final Dial dial, final HandshakeReply reply) {
        listener.onReply(dial, reply);
    }

    /** The peer has welcomed this replica over it. */
    void connected(final Dial dial) {
        connected = true;
        speaker = null;
        dials.remove(dial);
    }

    @Override
    public void onClosed(final Dial dial) {
        final boolean wasUnderWay = dials.remove(dial);
        if (dial == speaker) {
            speaker = null;
        }
        if (!wasUnderWay) {
            connected = false;
            listener.onClosed(dial);
            backOff(options.clock().nanoTime());
        } else if (!dial.isDiscarded()) {
            counters.dialFailed();
            backOff(options.clock().nanoTime());
        }
    }

    /** Gives up what is under way. */
    void abandon() {
        for (final Dial dial : List.copyOf(dials)) {
            dial.hangUp();
        }
    }

    void forEachChannel(final Consumer<Channel> action) {
        dials.forEach(dial -> action.accept(dial.channel()));
    }

    /** Nothing begins any more. */
    void close() {
        closed = true;
    }
}
