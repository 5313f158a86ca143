package io.paxos.testkit.sim;

import io.paxos.Quorums;

/**
 * Limits the faults of one run to those that the protocol must survive. A fault beyond the limits is not applied.
 *
 * <table>
 * <caption>The faults of a cluster</caption>
 * <tr><th>fault</th><th>limit</th></tr>
 * <tr><td>loss, repetition, delay, reordering, damaged packets; cut, clogged and narrow links</td>
 *     <td>none</td></tr>
 * <tr><td>crash at any point of the duty cycle, pause, slowness, restart</td>
 *     <td>none, also of all members at once</td></tr>
 * <tr><td>loss of what was not forced, in whole, in part or torn</td><td>only at a crash</td></tr>
 * <tr><td>slow, frozen and failing forces, failing writes, a full disk, a misdirected read</td>
 *     <td>none: the replica stops or waits, and restarts with everything that was durable</td></tr>
 * <tr><td>clocks that drift, and wall clocks that jump</td><td>5 % of drift; no limit for jumps</td></tr>
 * <tr><td>loss of what was durable: a flipped bit, a lost file, an older copy of the disk</td>
 *     <td>quorums of both phases must be left, and a later record or the watermark must show the loss. The member never
 *     restarts, because it must not vote without the votes that it has lost</td></tr>
 * <tr><td>Byzantine members, and damage that no checksum and no watermark shows</td><td>never</td></tr>
 * </table>
 */
final class FaultAtlas {
    private final int lossesMax;
    private long lost; // a bit by id for each member whose disk has lost durable records; never cleared

    FaultAtlas(final int members, final Quorums quorums) {
        lossesMax = members - Math.max(quorums.phase1(), quorums.phase2());
    }

    /** Whether this member's disk is allowed to lose durable records. If so, the member is lost from now on. */
    boolean takesDisk(final int id) {
        if (isLost(id) || Long.bitCount(lost) < lossesMax) {
            lost |= 1L << id;
            return true;
        }
        return false;
    }

    /** Whether this member never restarts. */
    boolean isLost(final int id) {
        return (lost & 1L << id) != 0;
    }

    /** How many more members can stay down for good. */
    int casualtiesLeft() {
        return lossesMax - Long.bitCount(lost);
    }
}
