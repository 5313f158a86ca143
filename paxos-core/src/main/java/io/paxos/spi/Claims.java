package io.paxos.spi;

import org.agrona.DirectBuffer;

/**
 * Messages that claim that something is on disk. {@link Outbox#afterSync} sends them when it is.
 *
 * <p>Parameters are as in {@link Messages}.
 */
public interface Claims {
    /**
     * Phase 1a: asks for a promise to {@code ballot}, and for what was accepted in slots from {@code fromSlot} on.
     * Claims that the sender has promised the ballot itself, so that it does not use the ballot again after a restart.
     */
    void prepare(int from, long ballot, long fromSlot);

    /**
     * Phase 1b: promises {@code ballot}. Slots through {@code chosenThrough} are known chosen by the sender. They are
     * not reported: {@link Messages#fetch} asks for them. Each slot above, through {@code lastSlot}, gets one {@link
     * #report}.
     */
    void promise(int from, long ballot, long chosenThrough, long lastSlot);

    /** Phase 1b, one slot: what was accepted there. {@code acceptedBallot} is 0, without a value, if nothing was. */
    void report(int from, long ballot, long slot, long acceptedBallot, DirectBuffer value, int offset, int length);

    /**
     * Phase 2b: the values proposed in {@code ballot} for these slots, both ends inclusive, are accepted and durable.
     */
    void accepted(int from, long ballot, long fromSlot, long throughSlot);
}
