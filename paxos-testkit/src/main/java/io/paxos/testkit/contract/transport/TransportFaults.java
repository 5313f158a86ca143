package io.paxos.testkit.contract.transport;

/**
 * How often what goes wrong between replicas over the transport under test.
 *
 * @param seed of the choices; threads make the rest of a run, so it does not repeat exactly
 * @param dropPercent of the messages are lost
 * @param duplicatePercent are sent twice
 * @param delayPercent are held back for up to {@code delayMsMax}, while others overtake them
 * @param delayMsMax in milliseconds
 */
public record TransportFaults(long seed, int dropPercent, int duplicatePercent, int delayPercent, int delayMsMax) {
    public TransportFaults {
        if (Math.min(dropPercent, Math.min(duplicatePercent, delayPercent)) < 0 || delayMsMax < 0) {
            throw new IllegalArgumentException("negative: " + dropPercent + ", " + duplicatePercent + ", "
                    + delayPercent + " percent or " + delayMsMax + " ms");
        }
    }
}
