package io.paxos.testkit.contract.transport;

import java.util.concurrent.atomic.AtomicInteger;

/** Waits and wake-ups with two threads. The {@link Watchdog} fails a wait that does not end. */
final class Waits {
    static final long FOREVER_NS = 600_000_000_000L;

    private static final int WAKEUPS = 300;
    private static final int ARRIVALS = 50;
    private static final long SEND_AGAIN_NS = 5_000_000;

    private Waits() {}

    /** Wakes the first member again and again, at any moment of its cycle. */
    static void requireNoneLost(final TransportFixture fixture) {
        final Member one = fixture.open(1);
        final AtomicInteger asked = new AtomicInteger();
        final AtomicInteger seen = new AtomicInteger();
        Watchdog.beside(fixture, () -> {
            while (asked.get() < WAKEUPS && !fixture.isOver()) {
                asked.incrementAndGet();
                one.wakeup();
                while (seen.get() < asked.get() && !fixture.isOver()) {
                    Thread.onSpinWait();
                }
            }
        });
        while (seen.get() < WAKEUPS) {
            one.await(TransportPromise.WAKES, FOREVER_NS);
            one.poll(TransportFixture.POLL_LIMIT);
            seen.set(asked.get());
        }
    }

    /** Sends one message after another to the first member, which waits without a timeout. */
    static void requireArrivalEndsIt(final TransportFixture fixture) {
        final Member one = fixture.open(1);
        final AtomicInteger received = new AtomicInteger();
        one.onReceived(received::incrementAndGet);
        final Thread other = Watchdog.beside(fixture, () -> sendAsReceived(fixture, received));
        final Patience patience = new Patience(fixture.patienceNs());
        while (received.get() == 0) {
            if (patience.isOver()) {
                throw TransportPromise.REACHES.broken("member 1 received nothing of what 2 sent again and again");
            }
            one.poll(TransportFixture.POLL_LIMIT); // a connection may have to be made
            one.flush();
            one.await(TransportPromise.TIMES_OUT, 1_000_000);
        }
        while (received.get() < ARRIVALS) {
            one.await(TransportPromise.WAKES_ON_ARRIVAL, FOREVER_NS);
            one.poll(TransportFixture.POLL_LIMIT);
            one.flush();
            fixture.deliveries().check();
        }
        fixture.member(2).wakeup();
        Watchdog.join(other, fixture.patienceNs() / 1_000_000);
    }

    private static void sendAsReceived(final TransportFixture fixture, final AtomicInteger received) {
        final Member two = fixture.open(2);
        while (received.get() < ARRIVALS && !fixture.isOver()) {
            final int before = received.get();
            two.send(Send.ping(2, 1));
            final long saidNs = System.nanoTime();
            final boolean isPatient = fixture.capabilities().lossless() && before > 0;
            while (received.get() == before
                    && !fixture.isOver()
                    && (isPatient || System.nanoTime() - saidNs < SEND_AGAIN_NS)) {
                two.poll(TransportFixture.POLL_LIMIT);
                two.flush();
                two.await(TransportPromise.TIMES_OUT, 1_000_000);
            }
        }
        two.close();
    }
}
