package io.paxos.transport.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.paxos.transport.wire.FrameLayout;
import io.paxos.transport.wire.FrameSink;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.TransportCounters;
import java.io.IOException;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntToLongFunction;
import org.agrona.MutableDirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection to one peer: lets it be opened, again and again, and writes frames to it while it carries. */
final class OutboundPeer implements FrameSink, Dialler.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(OutboundPeer.class);

    private static final int HELD_BACK_BYTES_MAX = 64 << 10;
    private static final int LOGGED_REFUSALS_MAX = 16;

    private final int peer;
    private final TcpOptions options;
    private final TransportCounters counters;
    private final SendBuffer buffer;
    private final Handshaker handshaker;
    private final Dialler dialler;
    private final Liveness liveness;
    private final IntConsumer onSilent;
    private final LoggedRefusals logged = new LoggedRefusals(LOGGED_REFUSALS_MAX); // since a connection that lasted

    private IoLoop loop; // null until started
    private Dial connection; // welcomed by the peer, so frames are written; else null
    private int frameLengthMax; // the longest frame that both sides take; meaningful while connected
    private long connectedNs; // when the present or last connection was welcomed
    private long lingerNs; // how long a proposal may wait for others; 0: not at all
    private boolean mayWait; // true: the buffer holds proposals only, which may wait until dueNs
    private long dueNs; // meaningful while mayWait
    private int stalledAt = -1; // progress when a write was last found incomplete; -1 if none is under way
    private long stallNs; // when a write without progress is given up; meaningful while stalledAt >= 0
    private boolean closed; // never false again; nothing is connected or armed any more

    /**
     * A peer that is not connected.
     *
     * @param heardNs when a frame of a peer was last delivered; see {@link Liveness}
     * @param onSilent gets the peer when its connection is given up because it is silent
     */
    OutboundPeer(
            final int peer,
            final TcpOptions options,
            final Handshaker handshaker,
            final TransportCounters counters,
            final Random random,
            final IntToLongFunction heardNs,
            final IntConsumer onSilent) {
        this.peer = peer;
        this.handshaker = handshaker;
        this.options = options;
        this.counters = counters;
        this.onSilent = onSilent;
        this.buffer = new SendBuffer(options.sendBufferBytes());
        this.liveness = new Liveness(peer, options, heardNs);
        this.dialler = new Dialler(peer, options, this::newDial, counters, random, this);
    }

    private Dial newDial(final Dial.Listener listener, final long nowNs) throws IOException {
        return new Dial(peer, options, handshaker, listener, nowNs);
    }

    /** Connects at the next timer, on this loop and its thread. */
    void start(final IoLoop loop) {
        this.loop = loop;
        dialler.start(loop);
    }

    @Override
    public MutableDirectBuffer reserve(final int length) {
        if (!takes(length)) {
            return null;
        }
        MutableDirectBuffer room = buffer.reserve(length);
        if (room == null && mayWait) {
            mayWait = false;
            flush(); // no message is dropped because others were held back
            room = connection != null ? buffer.reserve(length) : null;
        }
        if (room == null) {
            counters.droppedFull();
        }
        return room;
    }

    @Override
    public MutableDirectBuffer reserveUrgent(final int length) {
        if (mayWait) {
            return reserve(length);
        }
        if (!takes(length)) {
            return null;
        }
        final MutableDirectBuffer room = buffer.reserveUrgent(length);
        if (room == null) {
            counters.droppedFull();
        }
        return room;
    }

    private boolean takes(final int length) {
        if (connection == null) {
            counters.droppedDisconnected(1);
            return false;
        }
        if (length > frameLengthMax) {
            counters.droppedOversized();
            return false;
        }
        return true;
    }

    @Override
    public int offset() {
        return buffer.offset();
    }

    @Override
    public void commit() {
        buffer.commit();
        mayWait = false;
    }

    @Override
    public void commitProposal() {
        if (lingerNs > 0 && buffer.isEmpty()) {
            mayWait = true;
            dueNs = options.clock().nanoTime() + lingerNs;
        }
        buffer.commit();
    }

    /** How long a proposal may wait for others; see {@link io.paxos.spi.Transport#linger}. */
    void linger(final long timeNs) {
        lingerNs = timeNs;
        mayWait &= timeNs > 0;
    }

    /** Whether the buffer may wait for more. A large one may not, because waiting would save little. */
    private boolean isHeldBack() {
        return mayWait
                && !buffer.isEmpty()
                && buffer.length() < HELD_BACK_BYTES_MAX
                && dueNs - options.clock().nanoTime() > 0;
    }

    /** How long until the proposals that are held back must be flushed, in ns; {@code Long.MAX_VALUE} if none are. */
    long untilDueNs(final long nowNs) {
        return mayWait && !buffer.isEmpty() && buffer.isSettled() ? dueNs - nowNs : Long.MAX_VALUE;
    }

    /** See {@link io.paxos.spi.Transport#queued}. */
    long queuedBytes() {
        return buffer.queuedBytes();
    }

    /** See {@link io.paxos.spi.Transport#written}. */
    long writtenBytes() {
        return buffer.queuedBytes() - buffer.waitingBytes();
    }

    boolean isConnected() {
        return connection != null;
    }

    /** Writes what was committed, until the socket takes no more. Returns the number of writes. */
    int flush() {
        if (connection == null || isHeldBack()) {
            return 0;
        }
        int writes = 0;
        while (connection != null && !buffer.isEmpty() && buffer.isSettled()) {
            final ByteBuf bytes = buffer.take();
            counters.sent(buffer.takenFrames(), bytes.readableBytes());
            Netty.send(connection.channel(), bytes);
            writes++;
        }
        if (writes > 0 && connection != null) {
            watch();
        }
        return writes;
    }

    private void watch() {
        stalledAt = -1;
        if (!liveness.isWatching()) {
            liveness.watch(options.clock().nanoTime());
            loop.arm(liveness.checkNs());
        }
        if (!buffer.isSettled()) {
            watchStall(options.clock().nanoTime());
        }
    }

    private void watchStall(final long nowNs) {
        stalledAt = buffer.progress();
        stallNs = nowNs + options.stallTimeoutNs();
        loop.arm(stallNs);
    }

    /** Acts if something is due, and arms the next timer. */
    void onTimer(final long nowNs) {
        if (closed) {
            return;
        }
        if (connection == null) {
            dialler.onTimer(nowNs);
            return;
        }
        if (stalledAt >= 0) {
            checkProgress(nowNs);
        }
        if (connection != null && liveness.isWatching()) {
            checkLife(nowNs);
        }
    }

    private void checkProgress(final long nowNs) {
        if (stallNs - nowNs > 0) {
            loop.arm(stallNs);
        } else if (buffer.isSettled()) {
            stalledAt = -1;
        } else if (buffer.progress() != stalledAt) {
            watchStall(nowNs);
        } else {
            hangUp(nowNs, "has taken nothing", options.stallTimeoutNs());
        }
    }

    private void checkLife(final long nowNs) {
        if (liveness.checkNs() - nowNs > 0) {
            loop.arm(liveness.checkNs());
        } else if (liveness.isDead(connection.channel(), nowNs)) {
            onSilent.accept(peer);
            hangUp(nowNs, "is silent", options.silenceTimeoutNs());
        } else if (liveness.isWatching()) {
            loop.arm(liveness.checkNs());
        }
    }

    private void hangUp(final long nowNs, final String what, final long timeNs) {
        LOG.warn(
                "replica {} at {} {} for {} ms: connecting anew",
                peer,
                TcpOptions.text(options.addresses().get(peer)),
                what,
                timeNs / 1_000_000);
        counters.hungUp();
        connection.hangUp();
        dialler.dialNow(nowNs);
    }

    /** The peer has just connected to us, so it can be reached: connects at once, if need be instead of the present. */
    void onPeerConnected(final long nowNs) {
        if (closed) {
            return;
        }
        if (connection == null) {
            dialler.dialNow(nowNs);
        } else if (liveness.isDoubtful(connection.channel(), nowNs)) {
            counters.hungUp();
            connection.hangUp();
            dialler.dialNow(nowNs);
        }
    }

    /** What this replica says of itself has changed: says it over a new connection, before the next frame. */
    void redial(final long nowNs) {
        if (closed) {
            return;
        }
        mayWait = false;
        flush(); // what was sent before the change
        if (connection != null) {
            connection.close();
        }
        dialler.abandon();
        dialler.dialNow(nowNs);
    }

    @Override
    public void onReply(final Dial dial, final HandshakeReply reply) {
        if (reply.admission() != Admission.WELCOME) {
            log(reply);
            if (reply.card().capacity() > 0) {
                handshaker.admit(peer, reply.card()); // this replica may learn that it must stop
            }
            dial.fail();
        } else if (connection != null) {
            dial.fail(); // a second welcome says nothing
        } else {
            onWelcome(dial, reply);
        }
    }

    private void log(final HandshakeReply refusal) {
        final Admission admission = refusal.admission();
        final String text = refusal.text().isEmpty() ? admission.advice() : refusal.text();
        logOnce("cannot send to", HelloVerdict.key(admission, text), text);
    }

    private void logOnce(final String what, final String key, final String why) {
        if (logged.isNew(key)) {
            final int self = options.identity().self();
            LOG.warn(
                    "replica {} {} replica {} at {}: {}",
                    self,
                    what,
                    peer,
                    TcpOptions.text(options.addresses().get(peer)),
                    why);
        }
    }

    private void onWelcome(final Dial dial, final HandshakeReply reply) {
        final String refusal = handshaker.admit(peer, reply.card());
        if (refusal != null) {
            counters.handshakeRefused();
            logOnce("does not send to", refusal, refusal);
            dial.fail();
            return;
        }
        connection = dial;
        connectedNs = options.clock().nanoTime();
        stalledAt = -1;
        frameLengthMax = FrameLayout.frameLengthMax(Math.min(reply.valueLengthMax(), options.valueLengthMax()));
        liveness.begin(connectedNs);
        dialler.connected(dial);
        counters.connected();
    }

    @Override
    public void onClosed(final Dial dial) {
        if (dial != connection) {
            return;
        }
        connection = null;
        counters.disconnected();
        counters.droppedDisconnected(buffer.release());
        if (options.clock().nanoTime() - connectedNs >= Dialler.BACKOFF_NS_MAX) {
            dialler.resetBackoff(); // not for a peer that welcomes us and closes at once, again and again
            logged.clear();
        }
    }

    /** Gets the channel of each attempt and of the connection. */
    void forEachChannel(final Consumer<Channel> action) {
        if (connection != null) {
            action.accept(connection.channel());
        }
        dialler.forEachChannel(action);
    }

    void close() {
        closed = true;
        dialler.close();
        dialler.abandon();
        if (connection != null) {
            connection.close();
        }
        release();
    }

    /** Frees the memory whatever became of the channels. */
    void release() {
        closed = true;
        dialler.close();
        if (connection != null) {
            connection = null;
            counters.disconnected();
        }
        counters.droppedDisconnected(buffer.release());
    }
}
