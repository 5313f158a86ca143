package io.paxos.testkit.contract.transport;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Runs members on a thread of their own, so that a transport that never returns fails the test instead of hanging it.
 */
final class Watchdog {
    private static final long LOOK_MS = 20;
    private static final long GRACE_MS = 1_000;
    private static final int FRAMES_MAX = 6;

    /** A call, and how much longer it may take. */
    private record Watched(Member.Call call, Patience patience) {}

    private Watchdog() {}

    /**
     * Runs the body, then closes the fixture. Throws what they throw.
     *
     * @throws AssertionError if a call of the transport lasts longer than {@link TransportFixture#patienceNs}; its
     *     thread is interrupted, and calls nothing but {@code close} from then on
     */
    static void run(final TransportFixture fixture, final Consumer<TransportFixture> body) {
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final Thread runner = start("transport-contract", () -> runAndClose(fixture, body), thrown);
        final Map<Integer, Watched> watched = new HashMap<>(); // by member: the call seen last
        while (!join(runner, LOOK_MS)) {
            for (final Member member : fixture.members()) {
                final Member.Call call = member.call();
                if (call != null && isStuck(call, member.id(), watched, fixture.patienceNs())) {
                    throw stuck(call, runner, fixture);
                }
            }
        }
        rethrow(thrown.get());
    }

    private static boolean isStuck(
            final Member.Call call, final int member, final Map<Integer, Watched> watched, final long patienceNs) {
        final Watched last = watched.get(member);
        if (last != null && last.call.equals(call)) {
            return last.patience.isOver();
        }
        watched.put(member, new Watched(call, new Patience(patienceNs)));
        return false;
    }

    /**
     * Runs a second thread beside the body. It has to end when {@link TransportFixture#isOver}. The fixture's checker
     * takes what it throws.
     */
    static Thread beside(final TransportFixture fixture, final Runnable body) {
        final Runnable noting = () -> {
            try {
                body.run();
            } catch (final RuntimeException | AssertionError e) {
                fixture.deliveries().broken(TransportPromise.NEVER_THROWS, "on another thread: " + e);
            }
        };
        return start("transport-contract-beside", noting, new AtomicReference<>());
    }

    /** Waits for a thread. Returns whether it has ended. */
    static boolean join(final Thread thread, final long timeoutMs) {
        try {
            thread.join(timeoutMs);
            return !thread.isAlive();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while testing a transport", e);
        }
    }

    private static void runAndClose(final TransportFixture fixture, final Consumer<TransportFixture> body) {
        Throwable first = null;
        try {
            body.accept(fixture);
        } catch (final RuntimeException | AssertionError e) {
            first = e;
        }
        try {
            fixture.close();
        } catch (final RuntimeException | AssertionError e) {
            first = first == null ? e : first;
        }
        rethrow(first);
    }

    private static AssertionError stuck(final Member.Call call, final Thread runner, final TransportFixture fixture) {
        final long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - call.startNs());
        final String stack = Arrays.stream(call.thread().getStackTrace())
                .limit(FRAMES_MAX)
                .map(frame -> "\n    at " + frame)
                .collect(Collectors.joining());
        fixture.abandon();
        call.thread().interrupt();
        join(runner, GRACE_MS);
        return call.promise().broken(call.text() + " has not returned for " + seconds + " s" + stack);
    }

    private static Thread start(final String name, final Runnable body, final AtomicReference<Throwable> thrown) {
        final Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((dead, e) -> thrown.set(e));
        thread.start();
        return thread;
    }

    private static void rethrow(final Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        assert thrown == null : "no checked exceptions: " + thrown;
    }
}
