package io.paxos.protocol;

/**
 * A ballot is one {@code long}, {@code round << 16 | replica id}: totally ordered by {@code <}, and of one owner.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2 (proposal numbers)</a>
 */
public final class Ballot {
    /** Before all ballots: nothing promised, nothing accepted. */
    public static final long NONE = 0;

    private static final int ID_BITS = 16;
    private static final long ROUND_MAX = Long.MAX_VALUE >> ID_BITS;

    private Ballot() {}

    /** The ballot of a round (1..2^47-1) that belongs to a replica (1..65535). */
    public static long of(final long round, final int replica) {
        assert round > 0 && round <= ROUND_MAX : "round=" + round;
        assert replica > 0 && replica >>> ID_BITS == 0 : "replica=" + replica;
        return round << ID_BITS | replica;
    }

    /** Who alone may propose in this ballot; 0 for {@link #NONE}. */
    public static int owner(final long ballot) {
        return (int) (ballot & 0xFFFF);
    }

    public static long round(final long ballot) {
        return ballot >>> ID_BITS;
    }

    /** The lowest ballot of {@code replica} above {@code ballot}'s round. */
    public static long above(final long ballot, final int replica) {
        return of(round(ballot) + 1, replica);
    }

    /** For people: {@code 7.2} is round 7 of replica 2. */
    public static String text(final long ballot) {
        return round(ballot) + "." + owner(ballot);
    }
}
