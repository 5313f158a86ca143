package io.paxos.protocol;

/**
 * A ballot is one {@code long}: {@code round << 16 | replica id}. Ballots are ordered by {@code <}. Each has one owner.
 *
 * <p>Example: round 7 of replica 2 is {@code 7 << 16 | 2} = 458754, written 7.2.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, 2.2 (proposal numbers)</a>
 */
public final class Ballot {
    /** Lower than every ballot. Stands for: nothing promised, or nothing accepted. */
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

    /** The id of the only replica that may propose in this ballot. 0 for {@link #NONE}. */
    public static int owner(final long ballot) {
        return (int) (ballot & 0xFFFF);
    }

    public static long round(final long ballot) {
        return ballot >>> ID_BITS;
    }

    /** The ballot of {@code replica} in the round after that of {@code ballot}. */
    public static long above(final long ballot, final int replica) {
        return of(round(ballot) + 1, replica);
    }

    /** The ballot as text for people: {@code 7.2} is round 7 of replica 2. */
    public static String text(final long ballot) {
        return round(ballot) + "." + owner(ballot);
    }
}
