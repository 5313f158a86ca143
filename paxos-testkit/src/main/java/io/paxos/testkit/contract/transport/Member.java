package io.paxos.testkit.contract.transport;

import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.testkit.memory.RecordedMessage;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.agrona.concurrent.UnsafeBuffer;

/** One member with the transport under test: every call is timed, and every received message is checked. */
final class Member {
    private static final byte SCRIBBLE = (byte) 0xEE;
    private static final int OFFSET_MAX = 13; // payloads begin at any offset, aligned or not

    /** What its thread is doing in the transport. */
    record Call(TransportPromise promise, String text, long startNs, Thread thread) {}

    private final int id;
    private final Transport transport;
    private final DeliveryChecker deliveries;
    private final Messages receiver = RecordedMessage.listener(this::received);
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);

    private volatile Call call; // null while the transport is not being called
    private volatile Thread polling; // null outside poll
    private volatile boolean isClosed;
    private volatile boolean isAbandoned; // the test is over: nothing but close() is called
    private CheckedHandshakes.Half handshake; // null if none was given
    private Runnable reaction = () -> {};
    private int receivedInPoll; // since the last poll began
    private int sent;

    Member(final int id, final Transport transport, final DeliveryChecker deliveries) {
        this.id = id;
        this.transport = transport;
        this.deliveries = deliveries;
    }

    int id() {
        return id;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** What the transport is being called for, or null. Any thread. */
    Call call() {
        return call;
    }

    /** From now on each call but {@link #close} fails, so that the thread of the test ends. Any thread. */
    void abandon() {
        isAbandoned = true;
    }

    /** What to do within each call of the receiver. */
    void onReceived(final Runnable action) {
        reaction = action;
    }

    /** Gives the transport what this member says of itself, or tells it of a change. False if it does not carry it. */
    boolean handshake(final CheckedHandshakes.Half half) {
        final int taken =
                call(TransportPromise.NEVER_BLOCKS, "handshake()", false, () -> transport.handshake(half) ? 1 : 0);
        handshake = taken == 1 ? half : null;
        return taken == 1;
    }

    int valueLengthMax() {
        return transport.valueLengthMax();
    }

    /** Sends it, and then overwrites the memory that it was sent from. Returns the message. */
    RecordedMessage send(final Send send) {
        final RecordedMessage message = deliveries.sent(send, isClosed);
        final int length = message.payload() == null ? 0 : message.payload().length;
        final int offset = sent++ % OFFSET_MAX;
        if (buffer.capacity() < offset + length) {
            buffer.wrap(new byte[offset + length + OFFSET_MAX]);
        }
        final boolean mayRefuse = length > transport.valueLengthMax();
        call(TransportPromise.NEVER_BLOCKS, "to(" + send.to() + ")." + send.message(), mayRefuse, () -> {
            message.send(transport.to(send.to()), buffer, offset);
            return 0;
        });
        buffer.setMemory(0, buffer.capacity(), SCRIBBLE);
        if (send.flush()) {
            flush();
        }
        return message;
    }

    int flush() {
        return call(TransportPromise.NEVER_BLOCKS, "flush()", false, transport::flush);
    }

    /** Polls. Returns how many messages the receiver got, not what the transport returned. */
    int poll(final int limit) {
        receivedInPoll = 0;
        polling = Thread.currentThread();
        final int result;
        try {
            result = call(TransportPromise.NEVER_BLOCKS, "poll", false, () -> transport.poll(receiver, limit));
        } finally {
            polling = null;
        }
        if (!isClosed && result != receivedInPoll) {
            deliveries.broken(
                    TransportPromise.POLL_COUNT,
                    "member " + id + " received " + receivedInPoll + " messages, and poll returned " + result);
        }
        return receivedInPoll;
    }

    void await(final TransportPromise ifStuck, final long timeoutNs) {
        call(ifStuck, "await(" + timeoutNs + " ns)", false, () -> {
            transport.await(timeoutNs);
            return 0;
        });
    }

    /** Any thread, so it is not timed. */
    void wakeup() {
        try {
            transport.wakeup();
        } catch (final RuntimeException e) {
            throw TransportPromise.NEVER_THROWS.broken("wakeup() of member " + id + " threw " + e, e);
        }
    }

    void close() {
        isClosed = true;
        call(TransportPromise.NEVER_BLOCKS, "close()", false, () -> {
            transport.close();
            return 0;
        });
    }

    private int call(
            final TransportPromise promise, final String text, final boolean mayRefuse, final IntSupplier body) {
        if (isAbandoned && !isClosed) {
            throw new AssertionError("called after the end: " + text + " of member " + id);
        }
        final Call outer = call; // the receiver can send within poll
        call = new Call(promise, text + " of member " + id, System.nanoTime(), Thread.currentThread());
        try {
            return body.getAsInt();
        } catch (final IllegalArgumentException e) {
            if (mayRefuse || isMisused(text)) {
                return 0;
            }
            throw thrown(text, e);
        } catch (final RuntimeException e) {
            if (isMisused(text)) {
                return 0;
            }
            throw thrown(text, e);
        } finally {
            call = outer;
        }
    }

    /** A closed transport may throw when it is used. */
    private boolean isMisused(final String text) {
        return isClosed && !"close()".equals(text);
    }

    private AssertionError thrown(final String text, final RuntimeException e) {
        return TransportPromise.NEVER_THROWS.broken(text + " of member " + id + " threw " + e, e);
    }

    private void received(final RecordedMessage message, final Supplier<RecordedMessage> again) {
        receivedInPoll++;
        if (isClosed) {
            deliveries.broken(TransportPromise.NOTHING_AFTER_CLOSE, "closed member " + id + " received " + message);
        } else if (polling != Thread.currentThread()) {
            deliveries.broken(
                    TransportPromise.ONLY_IN_POLL,
                    "member " + id + " received " + message + " on " + Thread.currentThread() + " in "
                            + (call == null ? "no call" : call.text()));
        }
        deliveries.received(id, message);
        if (handshake != null) {
            handshake.received(message.from());
        }
        try {
            reaction.run();
        } catch (final AssertionError e) {
            deliveries.broken(TransportPromise.NEVER_THROWS, "while the receiver of member " + id + " sent: " + e);
        }
        final RecordedMessage later = again.get();
        if (!later.isSameAs(message)) {
            deliveries.broken(
                    TransportPromise.STEADY_VIEW, "member " + id + " received " + message + ", which became " + later);
        }
    }
}
