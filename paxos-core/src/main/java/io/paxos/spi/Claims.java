package io.paxos.spi;

import org.agrona.DirectBuffer;

/**
 * The messages that claim that something is on disk: said only when it is, by {@link Outbox#afterSync}.
 *
 * <p>Parameters are as in {@link Messages}.
 */
public interface Claims {
    /**
     * Phase 1a: asks for a promise to {@code ballot}, and for what was accepted in slots from {@code fromSlot} on. Claims that
     * the speaker has promised the ballot itself, so that no later life of it will use the ballot again.
     */
    void prepare(int from, long ballot, long fromSlot);

    /**
     * Phase 1b: promises {@code ballot}. Slots through {@code chosenThrough} are known chosen here and are not reported
     * (fetch them); each slot above it, through {@code lastSlot}, gets a {@link #report} of its own.
     */
    void promise(int from, long ballot, long chosenThrough, long lastSlot);

    /** Phase 1b, one slot: what was accepted there; {@code acceptedBallot} 0 and no value if nothing was. */
    void report(int from, long ballot, long slot, long acceptedBallot, DirectBuffer value, int offset, int length);

    /** Phase 2b: the values proposed in {@code ballot} for these slots, both ends inclusive, are accepted and durable. */
    void accepted(int from, long ballot, long fromSlot, long throughSlot);
}
