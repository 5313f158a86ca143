package io.paxos.testkit.contract.transport;

/** However much has arrived, a poll delivers about as many messages as its limit. */
final class PollLimit {
    private static final int LIMIT = 10;
    private static final int IDLE_POLLS_MAX = 10;
    private static final long IDLE_NS = 1_000_000;

    private PollLimit() {}

    /** Sends several times the limit to the second member, which polls until nothing comes any more. */
    static void require(final TransportFixture fixture) {
        final TransportCapabilities promised = fixture.capabilities();
        final int wanted = 4 * (LIMIT + promised.pollOvershoot());
        final int count = promised.lossless()
                ? Math.min(wanted, promised.burstBytes() / 2 / TransportCapabilities.MESSAGE_BYTES)
                : wanted;
        fixture.connected();
        for (int i = 0; i < count; i++) {
            fixture.member(1).send(new Send(1, 2, "ping", 0, 0, 0, 0, i % 100 == 0 || i == count - 1));
        }
        int received = 0;
        int idle = 0;
        while (received < count && idle < IDLE_POLLS_MAX) {
            final int now = fixture.member(2).poll(LIMIT);
            if (now > LIMIT + promised.pollOvershoot()) {
                throw TransportPromise.POLL_LIMIT.broken("poll(receiver, " + LIMIT + ") handed over " + now
                        + " messages, the overshoot declared is " + promised.pollOvershoot());
            }
            received += now;
            idle = now == 0 ? idle + 1 : 0;
            fixture.member(1).flush();
            if (now == 0) {
                fixture.member(2).await(TransportPromise.TIMES_OUT, IDLE_NS);
            }
        }
        fixture.quiet();
    }
}
