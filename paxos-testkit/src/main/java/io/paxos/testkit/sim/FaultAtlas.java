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
 * <tr><td>a flipped bit in a snapshot</td>
 *     <td>if logs are trimmed: quorums of both phases must be left without this member. It votes on, and gets a
 *     snapshot of another member if it needs one</td></tr>
 * <tr><td>a failed force, then a restart that finds the records in the cache, then loss of the cache</td>
 *     <td>none</td></tr>
 * <tr><td>settings that may differ: heartbeat, patience, window of each member</td><td>none</td></tr>
 * <tr><td>Byzantine members, and damage that nothing shows: no checksum, no watermark, and no other member. An older
 *     copy of a whole directory is such damage if the disk was not opened since, or if some member has not received a
 *     message of a later opening</td><td>never</td></tr>
 * </table>
 *
 * <p>Some faults are mistakes of an operator. No vote survives them, so they must be refused. They are applied only if
 * members tell each other who they are.
 *
 * <table>
 * <caption>What must be refused</caption>
 * <tr><th>mistake</th><th>limit</th><th>refused</th></tr>
 * <tr><td>an emptied directory</td>
 *     <td>all have started, some other member remembers the disk, and quorums are left without this member</td>
 *     <td>by the others; the member takes part never again, and sends nothing</td></tr>
 * <tr><td>an older copy of the whole directory</td>
 *     <td>as above, and each other member remembers a later opening</td>
 *     <td>by the others, and by the member itself</td></tr>
 * <tr><td>other quorums from the first start on, with {@code bootstrap()}</td>
 *     <td>quorums are left without this member</td><td>by both sides</td></tr>
 * <tr><td>a second process under the id of a running member, with an empty directory</td><td>all have started</td>
 *     <td>by the others; it sends nothing, and the members are as live as without it</td></tr>
 * <tr><td>a start with the directory of another member; a start with other quorums than before</td>
 *     <td>the directory belongs to a member that has started</td><td>by the replica itself when it is built</td></tr>
 * </table>
 */
final class FaultAtlas {
    private final int lossesMax;
    private long lost; // a bit by id for each member whose disk has lost durable records; never cleared
    private long stateless; // a bit by id for each member whose snapshots can be unusable; never cleared
    private long outcasts; // a bit by id for each lost member that must send nothing; never cleared

    FaultAtlas(final int members, final Quorums quorums) {
        lossesMax = members - Math.max(quorums.phase1(), quorums.phase2());
    }

    /** Whether this member's disk is allowed to lose durable records. If so, the member is lost from now on. */
    boolean takesDisk(final int id) {
        if (isLost(id) || Long.bitCount((lost | stateless) & ~(1L << id)) < lossesMax) {
            lost |= 1L << id;
            return true;
        }
        return false;
    }

    /** Whether this member is allowed to lose its snapshots, and with them the slots that it has trimmed. */
    boolean takesState(final int id) {
        if (isLost(id) || Long.bitCount((lost | stateless) & ~(1L << id)) < lossesMax) {
            stateless |= 1L << id;
            return true;
        }
        return false;
    }

    /** This member, which is lost, must not send anything from now on. */
    void castOut(final int id) {
        outcasts |= 1L << id;
    }

    /** Whether this member must not send anything. */
    boolean isOutcast(final int id) {
        return (outcasts & 1L << id) != 0;
    }

    /** Whether this member never restarts. */
    boolean isLost(final int id) {
        return (lost & 1L << id) != 0;
    }

    /** How many more members can stay down for good. */
    int casualtiesLeft() {
        return lossesMax - Long.bitCount(lost | stateless);
    }
}
