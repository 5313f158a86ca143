package io.paxos.identity;

import io.paxos.protocol.Configuration;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Handshake;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the others who this member is, and decides whom it listens to and whether it may take part itself.
 *
 * <p><b>Disks.</b> A member remembers the disk of each other one, durably, before it takes a message from it. It
 * refuses another disk under a known id, and an opening that is older than the one it remembers or has its number and
 * is another. The other half of the check is made by the member itself: it is told which of its openings is remembered,
 * and looks whether that opening was one of its own. If not, its log is an older copy, or not the one that voted, and
 * it stops for good.
 *
 * <p>Example: member 3 is at opening 7 when its directory is copied. It goes on to opening 8, number 0xA, which member
 * 1 remembers. The copy is opened: opening 8 again, number 0xB. Member 1 refuses it. It is opened once more: opening 9,
 * which member 1 has never seen. But member 1 tells that it remembers opening 8 as 0xA, and the copy knows its opening
 * 8 as 0xB.
 *
 * <p><b>First start.</b> An empty log may be new, or it may have been emptied. It takes part only when each other
 * member has answered, and none of them has data and does not know this disk. Until then it promises nothing and votes
 * for nothing. {@code bootstrap} says that the log is new: then nobody is waited for. An emptied disk that some member
 * remembers is refused all the same.
 *
 * <p>One thread after the constructor, that of the replica.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 2.3: what an
 *     acceptor must remember</a>
 */
public final class MemberHandshake implements Handshake {
    private static final Logger LOGGER = LoggerFactory.getLogger(MemberHandshake.class);

    /** How often a member that waits for its first start looks again, at least. */
    public static final long RETRY_NS = 100_000_000;

    private final Configuration configuration;
    private final AcceptorLog log;
    private final Fingerprint fingerprint;
    private final Pace pace;
    private final Disk disk;

    /** The last card of each other member that this one has admitted, by its id. */
    private final Map<Integer, Card> cards = new TreeMap<>();

    /** What the log remembers, or will when this member starts. */
    private Notes notes;

    /** Why this member must stop; null while it may go on. Set once. */
    private String refusal;

    /** Why this member does not take part yet; null once it does. */
    private String waiting;

    /** The fewest slots that a member lets be open at once, of those that have been admitted and of this one. */
    private int smallestWindow;

    /**
     * Checks what is given against what the log remembers.
     *
     * @param clusterId the cluster that this member belongs to; 0 if it is not given
     * @param transportClusterId the same, as the transport says
     * @param isBootstrap whether the log is said to be new
     * @param valueLengthMax the longest value in bytes that this member takes
     * @throws IllegalArgumentException if they do not fit each other; the message names both values
     */
    public MemberHandshake(
            final Configuration configuration,
            final long clusterId,
            final long transportClusterId,
            final boolean isBootstrap,
            final int valueLengthMax,
            final int featureLevel,
            final Pace pace,
            final AcceptorLog log) {
        this.configuration = configuration;
        this.log = log;
        this.pace = pace;
        smallestWindow = pace.windowSlots();
        fingerprint = Fingerprint.of(configuration, valueLengthMax, featureLevel);
        disk = new Disk(log.storageId(), log.incarnation(), log.openingId(log.incarnation()));
        final byte[] stored = log.notes();
        final Notes remembered = stored.length == 0 ? null : Notes.read(stored);
        final long known = ClusterId.same(
                configuration.self(),
                clusterId,
                transportClusterId,
                log.clusterId(),
                remembered == null ? 0 : remembered.clusterId());
        if (remembered == null) {
            notes = new Notes(configuration.self(), known, false, fingerprint, "", Map.of());
        } else {
            requireSameMember(remembered);
            notes = remembered.withFingerprint(fingerprint);
        }
        if (isBootstrap && known == 0) {
            throw new IllegalArgumentException("bootstrap() needs clusterId(...): members that do not wait for each "
                    + "other cannot agree on an id of the cluster");
        }
        if (notes.isStarted()) {
            start(known, notes.disks(), remembered);
        } else if (!disk.isKnown() || hasData() || isBootstrap || configuration.size() == 1) {
            start(
                    configuration.size() == 1 && known == 0 ? ClusterId.of(List.of(disk.storageId())) : known,
                    Map.of(),
                    remembered);
        } else {
            notes = new Notes(configuration.self(), known, false, fingerprint, "", Map.of());
            waiting = "has just been built";
        }
    }

    /** Tells whether the transport carries cards. If not, this member starts, as nothing can be asked. */
    public void carried(final boolean isCarried) {
        if (isStarted()) {
            return;
        }
        if (isCarried) {
            waiting = missing();
        } else {
            start(notes.clusterId(), Map.of(), null);
        }
    }

    /** Whether this member may promise, vote and propose. Never false again. */
    public boolean isStarted() {
        return waiting == null;
    }

    /**
     * Why this member does not take part yet, in one line; null once it does.
     */
    public String waiting() {
        return waiting;
    }

    /** The smallest window of all members that have been admitted so far, this one included, in slots. */
    public int smallestWindow() {
        return smallestWindow;
    }

    /** The id of the cluster; 0 if it has none yet. */
    public long clusterId() {
        return notes.clusterId();
    }

    /**
     * Checks that this member may go on.
     *
     * @throws IllegalStateException if it has learned that its log must not be used
     */
    public void requireSound() {
        if (refusal != null) {
            throw new IllegalStateException(refusal);
        }
    }

    /**
     * Starts if each other member has answered and nothing speaks against it. Returns whether it has; then the card has
     * changed.
     */
    public boolean tryStart() {
        if (isStarted() || refusal != null) {
            return false;
        }
        waiting = missing();
        if (waiting != null) {
            return false;
        }
        final Map<Integer, Disk> disks = new TreeMap<>();
        cards.forEach((id, card) -> disks.put(id, card.disk()));
        start(agreedClusterId(), disks, null);
        LOGGER.info(
                "replica {} starts for the first time, in cluster {}: all members have answered",
                configuration.self(),
                ClusterId.text(notes.clusterId()));
        return true;
    }

    @Override
    public int card(final int peer, final MutableDirectBuffer buffer, final int offset) {
        final byte[] bytes = new Card(
                        configuration.self(),
                        notes.clusterId(),
                        isStarted(),
                        hasData(),
                        disk,
                        notes.disk(peer),
                        fingerprint,
                        pace)
                .bytes();
        buffer.putBytes(offset, bytes);
        return bytes.length;
    }

    @Override
    public String admit(final int peer, final DirectBuffer bytes, final int offset, final int length) {
        final Card card = Card.read(bytes, offset, length);
        final String reason = card == null ? unreadable(peer, length) : judge(peer, card);
        if (reason != null) {
            return "replica " + peer + " and replica " + configuration.self() + ": " + reason;
        }
        final Card before = cards.put(peer, card);
        smallestWindow = pace.windowSlots();
        cards.forEach((id, other) ->
                smallestWindow = Math.min(smallestWindow, other.pace().windowSlots()));
        if (!card.pace().equals(pace) && (before == null || !before.pace().equals(card.pace()))) {
            LOGGER.warn(
                    "replica {} has other settings than replica {}, which may slow all members: {} here, {} there",
                    configuration.self(),
                    peer,
                    pace,
                    card.pace());
        }
        return null;
    }

    @Override
    public String confirm(final int peer, final DirectBuffer bytes, final int offset, final int length) {
        final String reason = admit(peer, bytes, offset, length);
        if (reason != null || !isStarted()) {
            return reason;
        }
        final Card card = cards.get(peer);
        if (!card.isStarted()) {
            return "replica " + peer + " has sent a message before its first start";
        }
        if (disk.isKnown() && card.disk().isKnown() && !card.disk().equals(notes.disk(peer))) {
            notes = notes.withDisk(peer, card.disk());
            log.putNotes(notes.bytes());
        }
        return null;
    }

    // Inside.

    private boolean hasData() {
        return log.promised() > 0 || log.lastSlot() > 0;
    }

    private void requireSameMember(final Notes remembered) {
        if (remembered.self() != configuration.self()) {
            throw new IllegalArgumentException("this is replica " + configuration.self()
                    + ", but its log belongs to replica " + remembered.self() + "; choose the right directory");
        }
        if (!remembered.refusal().isEmpty()) {
            throw new IllegalArgumentException("this log must not be used any more: " + remembered.refusal());
        }
        if (!remembered.isStarted()) {
            return;
        }
        final String difference =
                remembered.fingerprint().configurationDifference(fingerprint, "in the log", "given now");
        if (difference != null) {
            throw new IllegalArgumentException("replica " + configuration.self() + " has changed: " + difference
                    + "; give what is in the log, members and quorums cannot be changed");
        }
        if (fingerprint.valueLengthMax() < remembered.fingerprint().valueLengthMax()) {
            throw new IllegalArgumentException("replica " + configuration.self() + " took values of "
                    + remembered.fingerprint().valueLengthMax() + " bytes, and would now take "
                    + fingerprint.valueLengthMax()
                    + " at most: raise valueLengthMax of log and transport, or pendingBytes, on every member");
        }
    }

    private void start(final long clusterId, final Map<Integer, Disk> disks, final Notes stored) {
        notes = notes.withStart(clusterId, disks);
        waiting = null;
        if (disk.isKnown() && !notes.equals(stored)) {
            log.putNotes(notes.bytes());
        }
    }

    private static String unreadable(final int peer, final int length) {
        return length == 0
                ? "replica " + peer + " tells nothing of its log and its settings; start it with this build"
                : "what replica " + peer + " tells of itself cannot be read here; use one build on both";
    }

    /** Why messages of this peer are not taken; null if they are. */
    private String judge(final int peer, final Card card) {
        if (card.self() != peer || !configuration.isVoter(peer)) {
            return "replica " + card.self() + " is not member " + peer + " of " + configuration.members();
        }
        if (card.clusterId() != notes.clusterId() && (card.clusterId() != 0 || card.isStarted()) && isPlaced()) {
            return "cluster " + ClusterId.text(notes.clusterId()) + " here, cluster " + ClusterId.text(card.clusterId())
                    + " there; correct the cluster id or the address";
        }
        final String difference =
                fingerprint.difference(card.fingerprint(), "at replica " + configuration.self(), "at replica " + peer);
        if (difference != null) {
            return difference + "; give all members the same";
        }
        final String foreign = judgeDisk(peer, card.disk());
        return foreign != null ? foreign : judgeMemory(peer, card);
    }

    /** Whether this member has a cluster that a peer's must equal. */
    private boolean isPlaced() {
        return notes.clusterId() != 0 || isStarted();
    }

    private String judgeDisk(final int peer, final Disk there) {
        final Disk remembered = notes.disk(peer);
        if (!remembered.isKnown() || !disk.isKnown()) {
            return null;
        }
        if (remembered.storageId() != there.storageId()) {
            return "replica " + peer + " comes with " + there + ", but its messages came from " + remembered
                    + "; start it with the directory that it had, or leave it stopped: the others go on";
        }
        if (there.incarnation() < remembered.incarnation()
                || (there.incarnation() == remembered.incarnation() && there.openingId() != remembered.openingId())) {
            return "replica " + peer + " comes with " + there + ", an older copy: its messages came from opening "
                    + remembered.incarnation()
                    + "; start it with the newest directory, or leave it stopped: the others go on";
        }
        return null;
    }

    /** The peer tells which log of this member it remembers. */
    private String judgeMemory(final int peer, final Card card) {
        final Disk remembered = card.memory();
        if (!remembered.isKnown() || !disk.isKnown()) {
            return null;
        }
        final boolean isOther = remembered.storageId() != disk.storageId();
        if (!isOther
                && remembered.incarnation() <= disk.incarnation()
                && log.openingId(remembered.incarnation()) == remembered.openingId()) {
            return null;
        }
        final String found = isOther
                ? "replica " + configuration.self() + " has " + disk + ", but replica " + peer
                        + " has had messages of it from " + remembered + ": the directory is empty, or another one"
                : "replica " + configuration.self() + " has " + disk + ", an older copy: replica " + peer
                        + " has had messages of it from another opening " + remembered.incarnation();
        stop(found
                + "; its votes are missing here, so it takes no part: start it with its newest directory, or leave it "
                + "stopped, the others go on");
        return found;
    }

    private void stop(final String why) {
        if (refusal == null) {
            refusal = why;
            if (isStarted()) {
                notes = notes.withRefusal(why);
                log.putNotes(notes.bytes());
            }
        }
    }

    /** Why the first start has to wait; null if it has not. */
    private String missing() {
        final StringBuilder absent = new StringBuilder();
        long agreed = notes.clusterId();
        for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int id = configuration.id(Configuration.first(rest));
            final Card card = cards.get(id);
            if (card == null) {
                absent.append(absent.length() == 0 ? "" : ", ").append(id);
                continue;
            }
            if ((card.hasData() || card.isStarted()) && !card.memory().isKnown()) {
                return "replica " + id + " has started before and does not know this log. If this replica never ran "
                        + "before, start it with bootstrap(). If it did, its directory was lost: leave it stopped";
            }
            if (agreed != 0 && card.clusterId() != 0 && card.clusterId() != agreed) {
                return "the others belong to two clusters: " + ClusterId.text(agreed) + " and "
                        + ClusterId.text(card.clusterId());
            }
            agreed = agreed != 0 ? agreed : card.clusterId();
        }
        return absent.length() == 0
                ? null
                : "waits for its first start until every member has answered; not yet: " + absent
                        + ". If this cluster never ran before and they come later, start this one with bootstrap()";
    }

    /** The id that was given to some member, else one made of the random numbers of all disks: the same everywhere. */
    private long agreedClusterId() {
        if (notes.clusterId() != 0) {
            return notes.clusterId();
        }
        final Map<Integer, Long> storageIds = new TreeMap<>();
        storageIds.put(configuration.self(), disk.storageId());
        for (final Card card : cards.values()) {
            if (card.clusterId() != 0) {
                return card.clusterId();
            }
            storageIds.put(card.self(), card.disk().storageId());
        }
        return ClusterId.of(storageIds.values());
    }
}
