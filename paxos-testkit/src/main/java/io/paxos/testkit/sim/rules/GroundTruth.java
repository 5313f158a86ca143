package io.paxos.testkit.sim.rules;

import io.paxos.Quorums;
import io.paxos.protocol.Ballot;
import io.paxos.testkit.sim.disk.DiskObserver;
import io.paxos.testkit.sim.schedule.Situation;
import io.paxos.testkit.sim.schedule.Situations;
import io.paxos.testkit.sim.value.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The chosen values. A value is chosen if a phase-2 quorum of disks has held it durably in one ballot, even if no
 * replica knows it.
 *
 * <p>Observes every record of every disk, and checks the rules of the acceptor.
 */
public final class GroundTruth implements DiskObserver {
    public static final String AGREEMENT = "one slot has one chosen value";
    public static final String ONE_VALUE = "one ballot and slot have one value";
    public static final String PROMISE_FALLS = "a promise never falls";
    public static final String BELOW_PROMISE = "nothing is accepted below a promise, unless it is chosen";
    public static final String CHOSEN_CLAIM = "every slot is chosen that a replica calls chosen";

    public static final String TRIMMED_EARLY = "slots are trimmed only behind a durable snapshot of them";

    /** No value, or none yet. */
    public static final int NONE = -1;

    /** Observes each choice when it is made. */
    @FunctionalInterface
    public interface ChoiceObserver {
        void chosen(long slot, int value);
    }

    private static final class Slot {
        private int chosen = NONE;
        private long chosenBallot; // the lowest one in which it was chosen
        private int count; // how many elements of the arrays below are used
        private long[] ballots = new long[2]; // distinct, in the order of their first use
        private int[] values = new int[2]; // one for each ballot
        private long[] appended = new long[2]; // a bit by id for each voter that has appended it
        private long[] durable = new long[2]; // a bit by id for each voter that has it on disk
        private long[] votes = new long[2]; // a bit by id for each voter that had promised nothing higher
        private long[] promised = new long[0]; // by id: the promise for this slot alone; empty if there is none

        private int find(final long ballot) {
            for (int i = count - 1; i >= 0; i--) {
                if (ballots[i] == ballot) {
                    return i;
                }
            }
            return -1;
        }

        private int add(final long ballot, final int value) {
            if (count == ballots.length) {
                ballots = Arrays.copyOf(ballots, 2 * count);
                values = Arrays.copyOf(values, 2 * count);
                appended = Arrays.copyOf(appended, 2 * count);
                durable = Arrays.copyOf(durable, 2 * count);
                votes = Arrays.copyOf(votes, 2 * count);
            }
            ballots[count] = ballot;
            values[count] = value;
            return count++;
        }

        private long highest(final long[] holders, final int replica, final long limit) {
            long highest = 0;
            for (int i = 0; i < count; i++) {
                if ((holders[i] & 1L << replica) != 0 && ballots[i] < limit) {
                    highest = Math.max(highest, ballots[i]);
                }
            }
            return highest;
        }
    }

    private final Quorums quorums;
    private final Values values;
    private final FirstViolation violations;
    private final Situations situations;
    private final List<Slot> slots = new ArrayList<>();
    private final long[] promised; // by id: the promise for all slots, perhaps not durable
    private final long[] promisedDurably; // by id: at most promised
    private final long[] snapshotThrough; // by id: slots through this one are in a durable snapshot; never falls
    private ChoiceObserver onChosen = (slot, value) -> {};
    private long chosenThrough; // every slot through this one is chosen, and the next one is not

    public GroundTruth(
            final Quorums quorums, final Values values, final FirstViolation violations, final Situations situations) {
        this.quorums = quorums;
        this.values = values;
        this.violations = violations;
        this.situations = situations;
        promised = new long[quorums.members() + 1];
        promisedDurably = new long[quorums.members() + 1];
        snapshotThrough = new long[quorums.members() + 1];
    }

    public void onChosen(final ChoiceObserver observer) {
        onChosen = observer;
    }

    /** Every slot through this one is chosen. */
    public long chosenThrough() {
        return chosenThrough;
    }

    /** The highest slot that any replica has used. */
    public long lastSlot() {
        return slots.size();
    }

    /** The number of the value chosen in a slot, or {@link #NONE}. */
    public int chosen(final long slot) {
        return slot >= 1 && slot <= slots.size() ? slots.get((int) slot - 1).chosen : NONE;
    }

    /** The lowest ballot in which the value of this slot was chosen. */
    public long chosenBallot(final long slot) {
        return slot(slot).chosenBallot;
    }

    public long promisedDurably(final int replica) {
        return promisedDurably[replica];
    }

    /** Whether this replica's disk holds what it accepted in this ballot and slot. */
    public boolean holdsDurably(final int replica, final long ballot, final long slot) {
        final Slot entry = slot(slot);
        final int i = entry.find(ballot);
        return i >= 0 && (entry.durable[i] & 1L << replica) != 0;
    }

    /** Whether this replica's disk holds the value chosen in this slot, or a snapshot of what it did. */
    public boolean holdsChosen(final int replica, final long slot) {
        if (slot <= snapshotThrough[replica]) {
            return true;
        }
        final Slot entry = slot(slot);
        for (int i = 0; i < entry.count; i++) {
            if (entry.values[i] == entry.chosen && (entry.durable[i] & 1L << replica) != 0) {
                return true;
            }
        }
        return false;
    }

    /** The highest ballot below {@code limit} in which this replica durably voted in this slot; 0 if none. */
    public long highestVote(final int replica, final long slot, final long limit) {
        final Slot entry = slot(slot);
        long highest = 0;
        for (int i = 0; i < entry.count; i++) {
            if ((entry.durable[i] & entry.votes[i] & 1L << replica) != 0 && entry.ballots[i] < limit) {
                highest = Math.max(highest, entry.ballots[i]);
            }
        }
        return highest;
    }

    /** A replica claims that every slot through this one is chosen. */
    public void requireChosenThrough(final long throughSlot) {
        if (throughSlot > chosenThrough) {
            throw violations.broken(CHOSEN_CLAIM, "through at most " + chosenThrough, "through " + throughSlot);
        }
    }

    /**
     * A replica names the value of a ballot and slot. The first one decides. Returns the place of the ballot in the
     * slot.
     */
    public int named(final long ballot, final long slot, final int value) {
        final Slot entry = slot(slot);
        final int i = entry.find(ballot);
        if (i < 0) {
            for (int older = 0; older < entry.count; older++) {
                if (entry.values[older] != value) {
                    situations.saw(Situation.TWO_VALUES_FOR_ONE_SLOT);
                    break;
                }
            }
            return entry.add(ballot, value);
        }
        if (entry.values[i] != value) {
            throw violations.broken(ONE_VALUE, text(ballot, slot, entry.values[i]), text(ballot, slot, value));
        }
        return i;
    }

    /** Whether a ballot below this one named the same value for the slot. */
    public boolean wasNamedBefore(final long ballot, final long slot, final int value) {
        final Slot entry = slot(slot);
        for (int i = 0; i < entry.count; i++) {
            if (entry.ballots[i] < ballot && entry.values[i] == value) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void promiseAppended(final int replica, final long ballot, final long slot) {
        final long before = promised(replica, slot);
        if (ballot < before) {
            throw violations.broken(PROMISE_FALLS, "at least " + Ballot.text(before), Ballot.text(ballot));
        }
        if (slot == 0) {
            promised[replica] = ballot;
            return;
        }
        final Slot entry = slot(slot);
        if (entry.promised.length == 0) {
            entry.promised = new long[promised.length];
        }
        entry.promised[replica] = ballot;
    }

    @Override
    public void acceptAppended(
            final int replica, final long ballot, final long slot, final long chosen, final int value) {
        requireChosenThrough(chosen);
        final Slot entry = slot(slot);
        final int i = named(ballot, slot, value);
        final long before = Math.max(promised(replica, slot), entry.highest(entry.appended, replica, Long.MAX_VALUE));
        if (ballot >= before) {
            entry.votes[i] |= 1L << replica;
        } else if (entry.chosen != value) {
            throw violations.broken(
                    BELOW_PROMISE, "at least " + Ballot.text(before), text(ballot, slot, value) + " at " + replica);
        }
        entry.appended[i] |= 1L << replica;
    }

    @Override
    public void promiseDurable(final int replica, final long ballot, final long slot) {
        if (slot == 0) {
            promisedDurably[replica] = Math.max(promisedDurably[replica], ballot);
        }
    }

    @Override
    public void acceptDurable(final int replica, final long ballot, final long slot, final int value) {
        final Slot entry = slot(slot);
        final int i = named(ballot, slot, value);
        entry.durable[i] |= 1L << replica;
        // Counted here, because the core's own count can be wrong.
        if (Long.bitCount(entry.durable[i]) < quorums.phase2()) {
            return;
        }
        if (entry.chosen == NONE) {
            choose(slot, entry, i);
        } else if (entry.chosen != value) {
            throw violations.broken(AGREEMENT, text(entry.chosenBallot, slot, entry.chosen), text(ballot, slot, value));
        }
        entry.chosenBallot = Math.min(entry.chosenBallot, ballot);
    }

    @Override
    public void snapshotDurable(final int replica, final long slot) {
        requireChosenThrough(slot);
        snapshotThrough[replica] = Math.max(snapshotThrough[replica], slot);
    }

    @Override
    public void trimmed(final int replica, final long throughSlot, final long snapshotSlot) {
        requireChosenThrough(throughSlot);
        if (throughSlot > snapshotSlot) {
            throw violations.broken(
                    TRIMMED_EARLY, "through at most " + snapshotSlot, "through " + throughSlot + " at " + replica);
        }
    }

    @Override
    public void crashed(final int replica, final int recordsLost) {
        if (recordsLost == 0) {
            return;
        }
        situations.saw(Situation.RECORDS_LOST);
        promised[replica] = promisedDurably[replica];
        for (final Slot entry : slots) {
            for (int i = 0; i < entry.count; i++) {
                if ((entry.durable[i] & 1L << replica) == 0) {
                    entry.appended[i] &= ~(1L << replica);
                    entry.votes[i] &= ~(1L << replica);
                }
            }
            if (entry.promised.length > 0) {
                entry.promised[replica] = 0; // a durable one is not tracked here; the disk restores it
            }
        }
    }

    private void choose(final long slot, final Slot entry, final int i) {
        entry.chosen = entry.values[i];
        entry.chosenBallot = entry.ballots[i];
        if ((entry.durable[i] & 1L << Ballot.owner(entry.ballots[i])) == 0) {
            situations.saw(Situation.CHOSEN_WITHOUT_ITS_LEADER);
        }
        for (int other = 0; other < entry.count; other++) {
            if (entry.values[other] != entry.chosen && entry.durable[other] != 0) {
                situations.saw(Situation.ACCEPTED_VALUE_LOST_TO_ANOTHER);
                break;
            }
        }
        while (chosenThrough < slots.size() && slots.get((int) chosenThrough).chosen != NONE) {
            chosenThrough++;
        }
        onChosen.chosen(slot, entry.chosen);
    }

    private long promised(final int replica, final long slot) {
        final long[] inSlot = slot == 0 ? promised : slot(slot).promised;
        return inSlot.length == 0 ? promised[replica] : Math.max(promised[replica], inSlot[replica]);
    }

    private Slot slot(final long slot) {
        while (slots.size() < slot) {
            slots.add(new Slot());
        }
        return slots.get((int) slot - 1);
    }

    private String text(final long ballot, final long slot, final int value) {
        return "slot " + slot + " in ballot " + Ballot.text(ballot) + " " + values.text(value);
    }
}
