package io.paxos.testkit.contract;

import java.util.concurrent.atomic.AtomicInteger;

/** Waiting, and being woken, with two threads: who sleeps through it is caught by the watchdog. */
final class Waits {
    static final long FOREVER_NS = 600_000_000_000L;

    private static final int WAKEUPS = 300;
    private static final int ARRIVALS = 50;
    private static final long SAY_AGAIN_NS = 5_000_000;

    private Waits() {}

    /** Wakes the first member again and again, at whatever moment that is for it. */
    static void requireNoneLost(final Bench bench) {
        final Member one = bench.open(1);
        final AtomicInteger asked = new AtomicInteger();
        final AtomicInteger seen = new AtomicInteger();
        Watchdog.beside(bench, () -> {
            while (asked.get() < WAKEUPS && !bench.isOver()) {
                asked.incrementAndGet();
                one.wakeup();
                while (seen.get() < asked.get() && !bench.isOver()) {
                    Thread.onSpinWait();
                }
            }
        });
        while (seen.get() < WAKEUPS) {
            one.await(TransportPromise.WAKES, FOREVER_NS);
            one.poll(Bench.POLL_LIMIT);
            seen.set(asked.get());
        }
    }

    /** Says one message after another to the first member, which waits without a timeout. */
    static void requireArrivalEndsIt(final Bench bench) {
        final Member one = bench.open(1);
        final AtomicInteger heard = new AtomicInteger();
        one.onHeard(heard::incrementAndGet);
        final Thread other = Watchdog.beside(bench, () -> sayAsHeard(bench, heard));
        final long deadlineNs = System.nanoTime() + bench.patienceNs();
        while (heard.get() == 0) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw TransportPromise.REACHES.broken("member 1 heard nothing of what 2 says again and again");
            }
            one.poll(Bench.POLL_LIMIT); // a connection may have to be made
            one.flush();
            one.await(TransportPromise.TIMES_OUT, 1_000_000);
        }
        while (heard.get() < ARRIVALS) {
            one.await(TransportPromise.WAKES_ON_ARRIVAL, FOREVER_NS);
            one.poll(Bench.POLL_LIMIT);
            one.flush();
            bench.ledger().check();
        }
        bench.member(2).wakeup();
        Watchdog.join(other, bench.patienceNs() / 1_000_000);
    }

    private static void sayAsHeard(final Bench bench, final AtomicInteger heard) {
        final Member two = bench.open(2);
        while (heard.get() < ARRIVALS && !bench.isOver()) {
            final int before = heard.get();
            two.say(Send.ping(2, 1));
            final long saidNs = System.nanoTime();
            final boolean isPatient = bench.capabilities().lossless() && before > 0;
            while (heard.get() == before
                    && !bench.isOver()
                    && (isPatient || System.nanoTime() - saidNs < SAY_AGAIN_NS)) {
                two.poll(Bench.POLL_LIMIT);
                two.flush();
                two.await(TransportPromise.TIMES_OUT, 1_000_000);
            }
        }
        two.close();
    }
}
