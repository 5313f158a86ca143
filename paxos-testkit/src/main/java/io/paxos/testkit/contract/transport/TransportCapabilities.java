package io.paxos.testkit.contract.transport;

/**
 * What a transport promises beyond the minimum of {@link io.paxos.spi.Transport}. A transport over datagrams promises
 * less than one over TCP. Begin with {@link #datagrams} and add.
 *
 * @param ordered messages from one member to another arrive in the order in which they were sent
 * @param lossless while both members are open and connected, every message arrives, if no more than {@code burstBytes}
 *     are under way
 * @param duplicateFree a message arrives at most once
 * @param valueLengthMax {@link io.paxos.spi.Transport#valueLengthMax} is at least this, in bytes
 * @param burstBytes how much may be sent to one member before it polls; a message counts 128 bytes beside its value.
 *     Means something only for a lossless transport
 * @param pollOvershoot by how many messages one poll may exceed its limit: those of one network read
 */
public record TransportCapabilities(
        boolean ordered,
        boolean lossless,
        boolean duplicateFree,
        int valueLengthMax,
        int burstBytes,
        int pollOvershoot) {
    /** What a message counts towards {@code burstBytes} beside its value. */
    static final int MESSAGE_BYTES = 128;

    public TransportCapabilities {
        if (valueLengthMax < 1) {
            throw new IllegalArgumentException("valueLengthMax " + valueLengthMax + " is not positive");
        }
        if (lossless && burstBytes < valueLengthMax + (long) MESSAGE_BYTES) {
            throw new IllegalArgumentException("burstBytes " + burstBytes + " is less than one message of "
                    + valueLengthMax + " + " + MESSAGE_BYTES + " bytes");
        }
        if (pollOvershoot < 0) {
            throw new IllegalArgumentException("pollOvershoot " + pollOvershoot + " is negative");
        }
    }

    /**
     * Messages may be lost, doubled and overtaken, and a poll hands over what one read of 64 KiB may hold: all that
     * Paxos needs. Values of {@code valueLengthMax} bytes are carried.
     */
    public static TransportCapabilities datagrams(final int valueLengthMax) {
        return new TransportCapabilities(false, false, false, valueLengthMax, 0, 2_048);
    }

    /** The same, and ordered. */
    public TransportCapabilities inOrder() {
        return new TransportCapabilities(true, lossless, duplicateFree, valueLengthMax, burstBytes, pollOvershoot);
    }

    /** The same, and lossless as long as no more than {@code bytes} wait for one member. */
    public TransportCapabilities withoutLoss(final int bytes) {
        return new TransportCapabilities(ordered, true, duplicateFree, valueLengthMax, bytes, pollOvershoot);
    }

    /** The same, and free of duplicates. */
    public TransportCapabilities withoutDuplicates() {
        return new TransportCapabilities(ordered, lossless, true, valueLengthMax, burstBytes, pollOvershoot);
    }

    /** The same, but a poll exceeds its limit by no more than {@code messages}. */
    public TransportCapabilities pollOvershoot(final int messages) {
        return new TransportCapabilities(ordered, lossless, duplicateFree, valueLengthMax, burstBytes, messages);
    }
}
