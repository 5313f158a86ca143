package io.paxos.transport.tcp;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.paxos.spi.Messages;
import io.paxos.transport.wire.FrameReader;
import io.paxos.transport.wire.FrameVerdict;
import io.paxos.transport.wire.Handshaker;
import io.paxos.transport.wire.TransportCounters;
import java.io.IOException;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that a peer has opened: first its hello, then frames until it is closed.
 *
 * <p>Netty's callbacks only fill the buffer. Frames are delivered outside of them, in {@link #deliver}. So an exception
 * of the receiver reaches the replica instead of Netty, and nothing is delivered while the replica waits or flushes.
 */
final class InboundConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(InboundConnection.class);

    private static final int RECEIVE_BYTES = 256 << 10;
    private static final long ALIVE_NS = 1_000_000_000L; // who sent nothing for longer is taken for dead
    private static final long CONTEST_NS = 200_000_000L; // so long a newcomer waits for the end of the present one

    private final InboundListener listener;
    private final SocketChannel channel;
    private final TcpOptions options;
    private final Handshaker handshaker;
    private final TransportCounters counters;
    private final ReceiveBuffer buffer = new ReceiveBuffer(Hello.LENGTH_MAX);

    private long deadlineNs; // by when its hello must be there, or the contest is settled; meaningful while peer is 0
    private Hello contested; // it waits until the present connection of its sender ends, or goes on; else null
    private long contestedNs; // since when; meaningful while contested is not null
    private int peer; // 0 until its hello is accepted
    private DirectBuffer card; // of the process that connected; null if and only if peer is 0
    private FrameReader reader; // null if and only if peer is 0
    private boolean isConfirmed; // false: no frame of it is delivered yet; see Handshake.confirm
    private long deliveredNs; // when it last delivered a frame; meaningful while isConfirmed
    private boolean refused; // the peer never becomes a member here
    private boolean closed; // the channel is closed; what has arrived may still be delivered
    private boolean abandoned; // nothing more is delivered

    InboundConnection(
            final InboundListener listener,
            final SocketChannel channel,
            final TcpOptions options,
            final Handshaker handshaker,
            final TransportCounters counters,
            final long deadlineNs) {
        this.listener = listener;
        this.channel = channel;
        this.options = options;
        this.handshaker = handshaker;
        this.counters = counters;
        this.deadlineNs = deadlineNs;
        channel.config().setRecvByteBufAllocator(buffer);
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(future -> onClosed());
    }

    /** When {@link #onDeadline} is to be called; meaningful until its hello is accepted. */
    long deadlineNs() {
        return deadlineNs;
    }

    /** The replica id of the sender; 0 if not known yet. */
    int peer() {
        return peer;
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        ReferenceCountUtil.release(message); // the bytes stay: the buffer is ours
        if (peer == 0 && !refused && contested == null) {
            onHelloBytes();
        }
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext context) {
        if (buffer.isFull() && channel.config().isAutoRead()) {
            channel.config().setAutoRead(false); // until frames are delivered; TCP slows the peer down
        }
    }

    private void onHelloBytes() {
        final int length = Hello.lengthOf(buffer.view(), buffer.offset(), buffer.length());
        if (length > buffer.length()) {
            return; // not whole yet
        }
        final Hello hello = length == Hello.INVALID ? null : Hello.read(buffer.view(), buffer.offset(), length);
        if (hello == null) {
            refuse("it does not begin with a hello");
            return;
        }
        buffer.consume(length);
        onHello(hello, options.clock().nanoTime());
    }

    /**
     * Another process that is connected under the id of the sender goes on: the sender is refused. Its connection ends
     * within a moment: it was the same process with a new card, or the one before a restart, and the sender replaces
     * it.
     */
    private void onHello(final Hello hello, final long nowNs) {
        final HelloVerdict verdict = listener.judge(hello);
        if (!verdict.isWelcome()) {
            refuse(hello, verdict);
        } else if (listener.contest(hello, nowNs).isWelcome()) {
            admit(hello);
        } else {
            contested = hello;
            contestedNs = nowNs;
            waitForTheEnd(nowNs);
        }
    }

    private void waitForTheEnd(final long nowNs) {
        deadlineNs = nowNs + CONTEST_NS;
        listener.arm(deadlineNs);
    }

    /** Whether it waits for the end of the present connection of this peer. */
    boolean isContesting(final int id) {
        return contested != null && contested.sender().self() == id;
    }

    /** The present connection of the sender has ended, or had the time to. */
    void settle(final long nowNs) {
        final Hello hello = contested;
        contested = null;
        deadlineNs = nowNs + options.handshakeTimeoutNs();
        listener.arm(deadlineNs);
        final HelloVerdict judged = listener.judge(hello);
        final HelloVerdict verdict = judged.isWelcome() ? listener.contest(hello, nowNs) : judged;
        if (verdict.isWelcome()) {
            admit(hello);
        } else {
            refuse(hello, verdict);
        }
    }

    void onDeadline(final long nowNs) {
        if (contested == null) {
            refuse("no handshake in time");
        } else if (listener.isUndecided(contested, contestedNs, nowNs)) {
            waitForTheEnd(nowNs); // while this replica was busy, the end may have come and not been read
        } else {
            settle(nowNs);
        }
    }

    /** Whether a process with another card is at the other end, and has sent something a moment ago. */
    boolean isAnotherAlive(final DirectBuffer other, final long nowNs) {
        return !closed && !abandoned && isConfirmed && nowNs - deliveredNs <= ALIVE_NS && !card.equals(other);
    }

    /** Whether a frame of it was delivered. */
    boolean isConfirmed() {
        return isConfirmed;
    }

    /** When the last frame was delivered; meaningful while it is confirmed. */
    long deliveredNs() {
        return deliveredNs;
    }

    private void admit(final Hello hello) {
        buffer.ensureCapacity(RECEIVE_BYTES);
        peer = hello.sender().self();
        card = hello.card();
        reader = listener.admitted(this);
        send(HandshakeReply.welcome(options.identity().self(), options.valueLengthMax(), handshaker.card(peer)));
    }

    private void send(final HandshakeReply reply) {
        Netty.send(channel, Unpooled.wrappedBuffer(reply.bytes()));
    }

    private void refuse(final Hello hello, final HelloVerdict verdict) {
        refused = true;
        counters.handshakeRefused();
        final String key = HelloVerdict.key(verdict.admission(), verdict.text());
        listener.log(channel, hello.sender().self(), key, verdict.text());
        sendAndClose(verdict, hello.sender().self());
    }

    /** Refuses a sender. If it is a member, it learns from our card whether it must stop. */
    private void sendAndClose(final HelloVerdict verdict, final int sender) {
        final int self = options.identity().self();
        final boolean isOfMember =
                verdict.admission() == Admission.REFUSED || verdict.admission() == Admission.ALREADY_CONNECTED;
        final HandshakeReply reply = isOfMember
                ? HandshakeReply.refusal(verdict, self, options.valueLengthMax(), handshaker.card(sender))
                : HandshakeReply.refusal(verdict, self, options.valueLengthMax());
        Netty.sendAndClose(channel, Unpooled.wrappedBuffer(reply.bytes()));
    }

    /** Closes a connection that never became a member's. */
    void refuse(final String why) {
        if (refused) {
            Netty.close(channel); // has got its reply and has not closed
            return;
        }
        refused = true;
        counters.handshakeRefused();
        listener.log(channel, 0, why, why);
        Netty.close(channel);
    }

    /** Whether {@link #deliver} would do anything. */
    boolean hasWork() {
        if (reader == null || abandoned || buffer.length() < Integer.BYTES) {
            return false;
        }
        final int length = FrameReader.declaredLength(buffer.view(), buffer.offset());
        return length <= buffer.length() || reader.checkLength(length) != FrameVerdict.DELIVERED;
    }

    /** Delivers up to {@code limit} frames to the receiver, and returns how many. Only within a poll. */
    int deliver(final Messages receiver, final int limit, final long nowNs) {
        final long before = buffer.length();
        int delivered = 0;
        try {
            while (delivered < limit && hasWork() && (isConfirmed || confirm(nowNs)) && deliverNext(receiver)) {
                delivered++;
            }
        } finally {
            if (delivered > 0) {
                deliveredNs = nowNs;
                counters.received(delivered, before - buffer.length());
            }
        }
        makeRoom();
        return delivered;
    }

    /** Asks the replica whether frames of this connection may be delivered. False: they may not, and it is closed. */
    private boolean confirm(final long nowNs) {
        final String refusal = handshaker.confirm(peer, card);
        if (refusal == null) {
            isConfirmed = true;
            deliveredNs = nowNs;
            listener.confirmed(peer);
            return true;
        }
        counters.handshakeRefused();
        listener.log(channel, peer, refusal, refusal);
        abandoned = true;
        sendAndClose(new HelloVerdict(Admission.REFUSED, refusal), peer); // takes the welcome back
        return false;
    }

    private boolean deliverNext(final Messages receiver) {
        final int offset = buffer.offset();
        final int length = FrameReader.declaredLength(buffer.view(), offset);
        FrameVerdict verdict = reader.checkLength(length);
        if (verdict == FrameVerdict.DELIVERED) {
            buffer.consume(length); // before the read, so that a receiver that throws does not get it again
            verdict = reader.read(buffer.view(), offset, length, receiver);
        }
        if (verdict == FrameVerdict.DELIVERED) {
            return true;
        }
        counters.rejected(verdict);
        LOG.warn("closed the connection of replica {}: it sent a frame that is {}", peer, verdict);
        abandon();
        return false;
    }

    /** Closes the connection and delivers nothing more of it. */
    void abandon() {
        abandoned = true;
        Netty.close(channel);
    }

    /** The same, and the kernel forgets it at once. */
    void hangUp() {
        abandoned = true;
        Netty.reset(channel);
    }

    private void makeRoom() {
        if (abandoned || closed) {
            return;
        }
        if (buffer.length() >= Integer.BYTES) {
            final int length = FrameReader.declaredLength(buffer.view(), buffer.offset());
            if (reader.checkLength(length) == FrameVerdict.DELIVERED) {
                buffer.ensureCapacity(length);
            }
        }
        if (!buffer.isFull() && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("connection from replica {}: {}", peer, cause.toString());
        } else {
            LOG.warn("the handshake with {} failed", channel.remoteAddress(), cause);
        }
        Netty.close(channel);
    }

    private void onClosed() {
        closed = true;
        listener.onClosed(this);
    }

    /** Whether it is closed and every frame that has arrived is delivered. */
    boolean isOver() {
        return closed && !hasWork();
    }

    void release() {
        abandoned = true;
        buffer.release();
    }
}
