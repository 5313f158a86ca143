package io.paxos.testkit.sim;

import io.paxos.Quorums;

/**
 * Keeps the faults of one run within what the protocol must survive; whatever lies outside is not done.
 *
 * <table>
 * <caption>What may happen to a cluster</caption>
 * <tr><th>fault</th><th>how much of it</th></tr>
 * <tr><td>loss, repetition, delay, reordering, damage to packets on the way; cut, clogged and narrow paths</td>
 *     <td>any, anywhere, at once</td></tr>
 * <tr><td>crash at any point of the duty cycle, pause, slowness, restart</td><td>any, also of all members at once</td></tr>
 * <tr><td>loss of what was not forced, in whole, in part or torn</td><td>at each crash, any part</td></tr>
 * <tr><td>slow, frozen and failing forces, failing writes, a full disk, a misdirected read</td>
 *     <td>any: the replica stops, or waits, and comes back with all that it had made durable</td></tr>
 * <tr><td>clocks that drift, and wall clocks that jump</td><td>5 % at most; any</td></tr>
 * <tr><td>loss of what was durable: a flipped bit, a lost file, an older copy of the disk</td>
 *     <td>on as many members as leave quorums of both phases, and only where it can be noticed: of what a later record or
 *     the watermark vouches for. The member never comes back, since it must not vote with a memory that has a hole</td></tr>
 * <tr><td>lying members, and damage that no checksum and no watermark shows</td><td>never</td></tr>
 * </table>
 */
final class FaultAtlas {
    private final int lossesMax;
    private long lost; // members whose disks have lost what was durable, a bit each by id

    FaultAtlas(final int members, final Quorums quorums) {
        lossesMax = members - Math.max(quorums.phase1(), quorums.phase2());
    }

    /** Whether this member's disk may lose what was durable; if so, it is counted as lost. */
    boolean takesDisk(final int id) {
        if (isLost(id) || Long.bitCount(lost) < lossesMax) {
            lost |= 1L << id;
            return true;
        }
        return false;
    }

    /** Whether this member is not expected back. */
    boolean isLost(final int id) {
        return (lost & 1L << id) != 0;
    }

    /** How many more members may stay down for good. */
    int casualtiesLeft() {
        return lossesMax - Long.bitCount(lost);
    }
}
