package io.paxos.protocol;

/**
 * The settings of the protocol. Safety does not need the same ones on each member.
 *
 * @param windowSlots how many slots may be open at once; a power of two, 1..16384
 * @param heartbeatIntervalNs the length of an election round
 * @param patienceRounds for how many rounds a silent member still counts as connected
 * @param stallNs after how long without progress of the own log leadership is given up: see {@code DiskPatience}
 */
public record ProtocolSettings(int windowSlots, long heartbeatIntervalNs, int patienceRounds, long stallNs) {
    private static final int WINDOW_SLOTS_MAX = 1 << 14;

    public ProtocolSettings {
        if (windowSlots < 1 || windowSlots > WINDOW_SLOTS_MAX || Integer.bitCount(windowSlots) != 1) {
            throw new IllegalArgumentException(
                    "windowSlots must be a power of two, 1.." + WINDOW_SLOTS_MAX + ": " + windowSlots);
        }
        requirePositive("heartbeatIntervalNs", heartbeatIntervalNs);
        requirePositive("patienceRounds", patienceRounds);
        requirePositive("stallNs", stallNs);
    }

    private static void requirePositive(final String name, final long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
    }
}
