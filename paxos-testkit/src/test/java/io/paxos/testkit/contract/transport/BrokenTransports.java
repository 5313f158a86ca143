package io.paxos.testkit.contract.transport;

import io.paxos.spi.Handshake;
import io.paxos.spi.Messages;
import io.paxos.spi.Transport;
import io.paxos.testkit.memory.RecordedMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Transports that claim everything and break one promise each. */
final class BrokenTransports {
    private static final int MEMBERS = 3;

    private BrokenTransports() {}

    /** Loses every fourth message. */
    static final class Loses extends BrokenTransport {
        private int sent;

        Loses(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            if (++sent % 4 != 0) {
                super.send(to, message);
            }
        }
    }

    /** Sends every fourth message twice. */
    static final class Doubles extends BrokenTransport {
        private int sent;

        Doubles(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            super.send(to, message);
            if (++sent % 4 == 0) {
                super.send(to, message);
            }
        }
    }

    /** Swaps two bytes of a payload in the middle. */
    static final class SwapsBytes extends BrokenTransport {
        SwapsBytes(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            final byte[] payload = message.payload();
            if (payload != null && payload.length >= 100) {
                final byte first = payload[50];
                payload[50] = payload[51];
                payload[51] = first;
            }
            super.send(to, message);
        }
    }

    /** Cuts payloads off at 256 bytes. */
    static final class Truncates extends BrokenTransport {
        Truncates(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            final byte[] payload = message.payload();
            final boolean isLong = payload != null && payload.length > 256;
            super.send(to, isLong ? message.payload(Arrays.copyOf(payload, 256)) : message);
        }
    }

    /** Writes the last long as an int. */
    static final class NarrowsAField extends BrokenTransport {
        NarrowsAField(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            final List<Object> fields = new ArrayList<>(message.fields());
            if ("readAt".equals(message.name())) {
                fields.set(2, (long) ((Long) fields.get(2)).intValue());
            }
            super.send(to, new RecordedMessage(message.name(), message.from(), fields, message.payload()));
        }
    }

    /** Now and then it mistakes the third member for the second. */
    static final class Misdelivers extends BrokenTransport {
        private int sent;

        Misdelivers(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            super.send(to == 2 && self == 1 && ++sent % 2 == 0 ? 3 : to, message);
        }
    }

    /** Names the first member as the sender of everything. */
    static final class NamesAnotherSender extends BrokenTransport {
        NamesAnotherSender(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void deliver(final RecordedMessage message, final Messages receiver) {
            super.deliver(self == 1 ? message : message.from(1), receiver);
        }
    }

    /** Keeps each fourth message back until after the next one. */
    static final class Reorders extends BrokenTransport {
        private int sent;
        private Runnable late; // null if nothing is kept back

        Reorders(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            if (late == null && ++sent % 4 == 0) {
                late = () -> super.send(to, message);
                return;
            }
            super.send(to, message);
            catchUp();
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            catchUp();
            return super.poll(receiver, limit);
        }

        private void catchUp() {
            if (late != null) {
                late.run();
                late = null;
            }
        }
    }

    /** Delivers after close what had arrived before. */
    static final class DeliversAfterClose extends BrokenTransport {
        private final Queue<RecordedMessage> received = new ArrayDeque<>();

        DeliversAfterClose(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            transport.poll(RecordedMessage.listener((message, again) -> received.add(message)), limit);
            int count = 0;
            for (; count < limit && !received.isEmpty(); count++) {
                received.poll().send(receiver);
            }
            return count;
        }

        @Override
        public void close() {
            transport.poll(RecordedMessage.listener((message, again) -> received.add(message)), Integer.MAX_VALUE);
            super.close();
        }
    }

    /** Delivers what comes while it waits at once, to the receiver of the last poll. */
    static final class DeliversInAwait extends BrokenTransport {
        private Messages lastReceiver; // null before the first poll

        DeliversInAwait(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            lastReceiver = receiver;
            return super.poll(receiver, limit);
        }

        @Override
        public void await(final long timeoutNs) {
            super.await(timeoutNs);
            if (lastReceiver != null) {
                transport.poll(lastReceiver, TransportFixture.POLL_LIMIT);
            }
        }
    }

    /** Waits in flush until the peer takes what it was sent; one that has gone never does. */
    static final class BlocksInFlush extends BrokenTransport {
        private final Set<Integer> open; // the members of this network that are open now
        private int waitingFor; // a replica id; 0 for none

        BlocksInFlush(final int self, final Transport sound, final Set<Integer> open) {
            super(self, sound);
            this.open = open;
            open.add(self);
        }

        /** Opens the members of one network. */
        static BiFunction<Integer, Transport, Transport> network() {
            final Set<Integer> open = ConcurrentHashMap.newKeySet();
            return (self, sound) -> new BlocksInFlush(self, sound, open);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            waitingFor = to <= MEMBERS && !open.contains(to) ? to : waitingFor;
            super.send(to, message);
        }

        @Override
        public int flush() {
            while (waitingFor != 0
                    && !open.contains(waitingFor)
                    && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(this, 1_000_000);
            }
            waitingFor = 0;
            return super.flush();
        }

        @Override
        public void close() {
            open.remove(self);
            super.close();
        }
    }

    /** Takes its time to open, and returns from poll that there was nothing. */
    static final class OpensSlowly extends BrokenTransport {
        private static final long OPENING_NS =
                500_000_000; // the members of a try: longer than jqwik shrinks in the test
        private final AtomicInteger open; // counts the members of all networks that are open now

        OpensSlowly(final int self, final Transport sound, final AtomicInteger open) {
            super(self, sound);
            this.open = open;
            open.incrementAndGet();
            LockSupport.parkNanos(this, OPENING_NS);
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            super.poll(receiver, limit);
            return 0;
        }

        @Override
        public void close() {
            open.decrementAndGet();
            super.close();
        }
    }

    /** Throws if the receiver is no member. */
    static final class Throws extends BrokenTransport {
        Throws(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            if (to > MEMBERS) {
                throw new IllegalStateException("no such member: " + to);
            }
            super.send(to, message);
        }
    }

    /** Delivers everything that is there, above any limit. */
    static final class IgnoresTheLimit extends BrokenTransport {
        IgnoresTheLimit(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            return super.poll(receiver, Integer.MAX_VALUE);
        }
    }

    /** Returns from poll that there was nothing. */
    static final class Miscounts extends BrokenTransport {
        Miscounts(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            super.poll(receiver, limit);
            return 0;
        }
    }

    /** Reads all that is there into one buffer, and then hands it over. */
    static final class ReusesItsBuffer extends BrokenTransport {
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1 << 17]);

        ReusesItsBuffer(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            final List<RecordedMessage> batch = new ArrayList<>();
            final int count = transport.poll(
                    RecordedMessage.listener((message, again) -> {
                        batch.add(message);
                        if (message.payload() != null) {
                            buffer.putBytes(0, message.payload());
                        }
                    }),
                    limit);
            for (final RecordedMessage message : batch) {
                if (message.payload() != null) {
                    buffer.getBytes(0, message.payload()); // what a view of the buffer shows by now
                }
                message.send(receiver);
            }
            return count;
        }
    }

    /** Sends from the buffer that the receiver is reading. */
    static final class SharesItsBuffer extends BrokenTransport {
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1 << 17]);

        SharesItsBuffer(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            message.send(transport.to(to), buffer, 0);
        }

        @Override
        void deliver(final RecordedMessage message, final Messages receiver) {
            message.send(receiver, buffer, 0);
        }
    }

    /** Keeps what it is given until the next flush, and copies it only then. */
    static final class CopiesLate extends BrokenTransport {
        private final Queue<Runnable> queue = new ArrayDeque<>();

        CopiesLate(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public Messages to(final int replica) {
            return RecordedMessage.listener((message, again) -> queue.add(() -> send(replica, again.get())));
        }

        @Override
        public int flush() {
            while (!queue.isEmpty()) {
                queue.poll().run();
            }
            return super.flush();
        }
    }

    /** Wakes a thread that waits, but not one that is about to wait. */
    static final class LosesWakeups extends BrokenTransport {
        private volatile boolean isWaiting;

        LosesWakeups(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public void await(final long timeoutNs) {
            isWaiting = true;
            super.await(timeoutNs);
            isWaiting = false;
        }

        @Override
        public void wakeup() {
            if (isWaiting) {
                super.wakeup();
            }
        }
    }

    /** Sleeps on when something arrives, and until it is woken. */
    static final class SleepsOn extends BrokenTransport {
        private boolean isWoken;

        SleepsOn(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public synchronized void await(final long timeoutNs) {
            final long deadlineNs = System.nanoTime() + Math.max(0, timeoutNs);
            long remainingNs = timeoutNs;
            try {
                while (!isWoken && remainingNs > 0) {
                    wait(1 + remainingNs / 1_000_000);
                    remainingNs = deadlineNs - System.nanoTime();
                }
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            isWoken = false;
        }

        @Override
        public synchronized void wakeup() {
            isWoken = true;
            notifyAll();
        }
    }

    /** Waits for as long as it takes. */
    static final class NeverTimesOut extends BrokenTransport {
        NeverTimesOut(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public void await(final long timeoutNs) {
            super.await(Long.MAX_VALUE / 2);
        }
    }

    /** Loses values of more than half the length that it claims to carry. */
    static final class LosesLongValues extends BrokenTransport {
        LosesLongValues(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            if (message.payload() == null || message.payload().length <= valueLengthMax() / 2) {
                super.send(to, message);
            }
        }
    }

    /** Carries far more than it claims. */
    static final class CarriesMore extends BrokenTransport {
        CarriesMore(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public int valueLengthMax() {
            return super.valueLengthMax() / 8;
        }
    }

    /** Drops one kind of message. */
    static final class CannotSendReadAt extends BrokenTransport {
        CannotSendReadAt(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            if (!"readAt".equals(message.name())) {
                super.send(to, message);
            }
        }
    }

    /** Cannot be opened again, because something of it is still open. */
    static final class StaysAway extends BrokenTransport {
        private boolean isClosed;

        StaysAway(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public int poll(final Messages receiver, final int limit) {
            return isClosed ? 0 : super.poll(receiver, limit);
        }

        @Override
        public void close() {
            isClosed = true;
        }
    }

    /** Starts a thread that never ends. */
    static final class LeaksThreads extends BrokenTransport {
        private static final Queue<Thread> LEAKED = new ConcurrentLinkedQueue<>();

        LeaksThreads(final int self, final Transport sound) {
            super(self, sound);
            final Thread thread = new Thread(LeaksThreads::linger, "leaked-receiver-" + self);
            thread.setDaemon(true);
            thread.start();
            LEAKED.add(thread);
        }

        /** Ends those of all instances. */
        static void end() {
            LEAKED.forEach(Thread::interrupt);
            LEAKED.clear();
        }

        private static void linger() {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
            }
        }
    }

    /** Opens a socket that is never closed. */
    static final class LeaksSockets extends BrokenTransport {
        private static final Queue<DatagramChannel> LEAKED = new ConcurrentLinkedQueue<>();

        LeaksSockets(final int self, final Transport sound) {
            super(self, sound);
            try {
                LEAKED.add(DatagramChannel.open());
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Closes those of all instances. */
        static void end() throws IOException {
            for (final DatagramChannel channel : LEAKED) {
                channel.close();
            }
            LEAKED.clear();
        }
    }

    /** Works for a while, and then throws from poll. */
    static final class ThrowsLater extends BrokenTransport {
        private int received;

        ThrowsLater(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void deliver(final RecordedMessage message, final Messages receiver) {
            if (++received > 60) { // after the election, before the last command
                throw new IllegalStateException("the connection is in an illegal state");
            }
            super.deliver(message, receiver);
        }
    }

    /** Works for a while, and then drops every message. */
    static final class FallsSilent extends BrokenTransport {
        private int sent;

        FallsSilent(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        void send(final int to, final RecordedMessage message) {
            if (++sent <= 60) {
                super.send(to, message);
            }
        }
    }

    /** Passes a handshake on. Each subclass breaks one promise about it. */
    private static class ForwardingHandshake implements Handshake {
        final Handshake handshake;

        ForwardingHandshake(final Handshake handshake) {
            this.handshake = handshake;
        }

        @Override
        public int card(final int peer, final MutableDirectBuffer buffer, final int offset) {
            return handshake.card(peer, buffer, offset);
        }

        @Override
        public String admit(final int peer, final DirectBuffer card, final int offset, final int length) {
            return handshake.admit(peer, card, offset, length);
        }

        @Override
        public String confirm(final int peer, final DirectBuffer card, final int offset, final int length) {
            return handshake.confirm(peer, card, offset, length);
        }
    }

    /** Sends only the first 64 bytes of a card. */
    static final class CutsTheCard extends BrokenTransport {
        CutsTheCard(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public boolean handshake(final Handshake handshake) {
            return super.handshake(new ForwardingHandshake(handshake) {
                @Override
                public int card(final int peer, final MutableDirectBuffer buffer, final int offset) {
                    return Math.min(64, super.card(peer, buffer, offset));
                }
            });
        }
    }

    /** Confirms nobody. */
    static final class NeverConfirms extends BrokenTransport {
        NeverConfirms(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public boolean handshake(final Handshake handshake) {
            return super.handshake(new ForwardingHandshake(handshake) {
                @Override
                public String confirm(final int peer, final DirectBuffer card, final int offset, final int length) {
                    return null;
                }
            });
        }
    }

    /** Delivers the messages of a peer that is not admitted. */
    static final class AdmitsEverybody extends BrokenTransport {
        AdmitsEverybody(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public boolean handshake(final Handshake handshake) {
            return super.handshake(new ForwardingHandshake(handshake) {
                @Override
                public String admit(final int peer, final DirectBuffer card, final int offset, final int length) {
                    super.admit(peer, card, offset, length);
                    return null;
                }
            });
        }
    }

    /** Delivers the messages of a peer that is not confirmed. */
    static final class ConfirmsEverybody extends BrokenTransport {
        ConfirmsEverybody(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public boolean handshake(final Handshake handshake) {
            return super.handshake(new ForwardingHandshake(handshake) {
                @Override
                public String confirm(final int peer, final DirectBuffer card, final int offset, final int length) {
                    super.confirm(peer, card, offset, length);
                    return null;
                }
            });
        }
    }

    /** Tells a card once, and not again when it has changed. */
    static final class KeepsTheFirstCard extends BrokenTransport {
        private boolean isGiven;

        KeepsTheFirstCard(final int self, final Transport sound) {
            super(self, sound);
        }

        @Override
        public boolean handshake(final Handshake handshake) {
            final boolean isCarried = isGiven || super.handshake(handshake);
            isGiven = true;
            return isCarried;
        }
    }
}
