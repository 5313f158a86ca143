package io.paxos.testkit.mutants;

import java.nio.file.Path;
import java.util.List;

/**
 * A planted bug: a replacement of text in some files.
 *
 * @param name what the changed protocol does wrong
 * @param edits the change
 */
record Mutant(String name, List<Edit> edits) {
    private static final String LOG = "log/";

    /** In this file below {@code io/paxos}, the first {@code original} becomes {@code planted}. */
    record Edit(String file, String original, String planted) {
        Path source() {
            final String module = file.startsWith(LOG) ? "paxos-log" : "paxos-core";
            return Path.of("..", module, "src", "main", "java", "io", "paxos").resolve(file);
        }
    }

    /** Whether it is planted in the log. The simulator has a log of its own. */
    boolean isInLog() {
        return edits.get(0).file.startsWith(LOG);
    }

    private static Mutant of(final String name, final String file, final String original, final String planted) {
        return new Mutant(name, List.of(new Edit(file, original, planted)));
    }

    private static Mutant of(final String name, final Edit... edits) {
        return new Mutant(name, List.of(edits));
    }

    private static final String ACCEPTOR = "protocol/Acceptor.java";
    private static final String PHASE2 = "protocol/Phase2.java";
    private static final String PROPOSER = "protocol/Proposer.java";
    private static final String PHASE1 = "protocol/Phase1.java";
    private static final String MULTI_PAXOS = "protocol/MultiPaxos.java";
    private static final String HANDSHAKE = "identity/MemberHandshake.java";
    private static final String NO_FALL =
            "Safety.require(ballot >= promised, \"a promise never falls\", promised, ballot);";

    /** Each one breaks one rule of Paxos. Real systems have had such bugs. */
    static final List<Mutant> ALL = List.of(
            of(
                    "the acceptor ignores its promise",
                    new Edit(
                            ACCEPTOR,
                            "            outbox.now(from).reject(self, promised, slot);\n            return;\n",
                            ""),
                    new Edit(ACCEPTOR, NO_FALL, "")),
            of(
                    "a vote is sent before the sync",
                    ACCEPTOR,
                    "outbox.afterSync(from).accepted(self, ballot, slot, slot);",
                    "outbox.now(from).accepted(self, ballot, slot, slot);"),
            of(
                    "a promise is sent before the sync",
                    ACCEPTOR,
                    "final Claims answer = outbox.afterSync(from);",
                    "final Claims answer = outbox.now(from);"),
            of(
                    "votes are summed over ballots",
                    new Edit(PHASE2, "if (inBallot != ballot) {", "if (inBallot < 0) {"),
                    new Edit(PHASE2, "throughSlot < nextSlot, ", "true, "),
                    new Edit(PHASE2, "votes[(int) slot & windowSlots - 1] = 0;", "")),
            of(
                    "a vote of an older ballot counts",
                    new Edit(
                            PHASE2,
                            "if (inBallot != ballot) {",
                            "if (inBallot > ballot || throughSlot >= nextSlot) {")),
            of(
                    "votes are counted by message, not by voter",
                    PHASE2,
                    "votes[(int) slot & windowSlots - 1] |= Configuration.bit(voter);",
                    "votes[(int) slot & windowSlots - 1] = votes[(int) slot & windowSlots - 1] << 1 | 1;"),
            of(
                    "a quorum is one too small",
                    "Quorums.java",
                    "return Long.bitCount(voters) >= phase2;",
                    "return Long.bitCount(voters) >= Math.max(1, phase2 - 1);"),
            of(
                    "the leader does not re-propose the highest accepted value",
                    PHASE1,
                    "if (acceptedBallot > entry.ballot) {",
                    "if (acceptedBallot < 0) {"),
            of(
                    "the leader re-proposes the lowest accepted value",
                    PHASE1,
                    "if (acceptedBallot > entry.ballot) {",
                    "if (acceptedBallot != 0 && (entry.ballot == 0 || acceptedBallot < entry.ballot)) {"),
            of(
                    "phase 1 counts answers that are not complete",
                    PHASE1,
                    "return slot > lastSlot[voter];",
                    "return slot > 0;"),
            of(
                    "new commands take slots that phase 1 has to settle",
                    PROPOSER,
                    "&& phase2.nextSlot() > recoveredThrough",
                    ""),
            of(
                    "the own promise is neither waited for nor durable when others are asked",
                    new Edit(PHASE1, "to == self ? outbox.now(self) : outbox.afterSync(to)", "outbox.now(to)"),
                    new Edit(PHASE1, "Configuration.contains(complete, configuration.ownVoter()) && ", "")),
            of(
                    "a ballot is used again after a restart",
                    new Edit(
                            MULTI_PAXOS,
                            "new Standing(configuration, acceptor.promised(), ",
                            "new Standing(configuration, 0, "),
                    new Edit(ACCEPTOR, "promised = log.promised();", "promised = 0;")),
            of(
                    "a follower applies on the watermark alone",
                    "protocol/Learner.java",
                    "log.acceptedBallot(slot) == announcedBallot",
                    "log.acceptedBallot(slot) > 0"),
            of(
                    "a value is applied before it is durable here",
                    MULTI_PAXOS,
                    "slot <= learner.chosenThrough() && acceptor.isDurable(slot, learner.chosenThrough())",
                    "slot <= learner.chosenThrough()"),
            of(
                    "a read is served without confirming leadership",
                    "protocol/ReadIndex.java",
                    "return configuration.isPhase2(voters);",
                    "return true;"),
            of(
                    "a read is served before what phase 1 found is chosen",
                    PROPOSER,
                    "voter >= 0 && learner.chosenThrough() >= recoveredThrough",
                    "voter >= 0"),
            of(
                    "a read is confirmed by a member that has promised a higher ballot",
                    ACCEPTOR,
                    "if (promised > ballot) {",
                    "if (ballot < 0) {"),
            of(
                    "a command that was chosen twice is executed twice",
                    "execution/Executor.java",
                    "if (!state.executed.isNew(origin, itsIncarnation, sequence, order)) {",
                    "if (!state.executed.isNew(origin, itsIncarnation, sequence, order) && slot < 0) {"),
            of(
                    "a command is executed after one that its replica has taken later",
                    "execution/ExecutedCommands.java",
                    "if (sequence <= highest - WINDOW || (isOrdered && sequence <= highest)) {",
                    "if (sequence <= highest - WINDOW) {"),
            of(
                    "what may have been executed is called not chosen",
                    "replica/PendingCommands.java",
                    "final boolean wasSent = sequence <= dispatchedThrough;",
                    "final boolean wasSent = false;"),
            of(
                    "claims are released before their position is durable",
                    "replica/StagedOutbox.java",
                    "buffer.getLong(index + POSITION_OFFSET) > durablePosition",
                    "buffer.getLong(index + POSITION_OFFSET) < 0"),
            of(
                    "votes are released before their position is durable",
                    "replica/VoteLane.java",
                    "while (head != tail && positions[head & MASK] <= durablePosition) {",
                    "while (head != tail) {"),
            of(
                    "an answer to an earlier life's read is taken",
                    "replica/PendingReads.java",
                    "round = (long) incarnation << Integer.SIZE;",
                    "round = 0;"),
            of(
                    "a damaged value is reported as nothing accepted",
                    ACCEPTOR,
                    "if (log.read(slot, this) != AcceptorLog.ReadResult.FOUND) {",
                    "boolean read = false; try { read = log.read(slot, this) == AcceptorLog.ReadResult.FOUND; }"
                            + " catch (final IllegalStateException e) { read = false; } if (!read) {"),
            of(
                    "the leader believes its own clock",
                    "replica/ClusterClock.java",
                    "Math.min(clock.epochMillis(), limit)",
                    "clock.epochMillis()"),
            of(
                    "cluster time follows the highest clock",
                    "replica/ClusterClock.java",
                    "sorted[readings - 1 - tooHighMax]",
                    "sorted[readings - 1]"),
            of(
                    "the checksum of the prefix skips a slot",
                    "execution/Executor.java",
                    "state.values.add(value, offset, length);",
                    "if (slot % 8 != 3) { state.values.add(value, offset, length); }"),
            of(
                    "a replica goes on although members differ",
                    "execution/PrefixComparison.java",
                    "divergence = new DivergedException(message);",
                    "differsAt = 0;"),
            of(
                    "the storage id of a disk is not compared",
                    new Edit(HANDSHAKE, "remembered.storageId() != there.storageId()", "remembered.incarnation() < 0"),
                    new Edit(HANDSHAKE, "remembered.storageId() != disk.storageId()", "remembered.incarnation() < 0")),
            of(
                    "the number of an opening is not compared",
                    new Edit(HANDSHAKE, "there.openingId() != remembered.openingId()", "there.openingId() == 0"),
                    new Edit(
                            HANDSHAKE,
                            "log.openingId(remembered.incarnation()) == remembered.openingId()",
                            "log.openingId(remembered.incarnation()) != 0")),
            of(
                    "disks are not compared",
                    new Edit(HANDSHAKE, "if (!remembered.isKnown() || !disk.isKnown()) {", "if (peer != 0) {"),
                    new Edit(HANDSHAKE, "if (!remembered.isKnown() || !disk.isKnown()) {", "if (peer != 0) {")),
            of(
                    "the fingerprint has no quorums",
                    "identity/Fingerprint.java",
                    "return quorums.equals(other.quorums)",
                    "return quorums.members() == other.quorums.members()"),
            of(
                    "recovery believes the cache",
                    "log/segment/LogOpening.java",
                    "if (run.lastSequence > knownDurable) {",
                    "if (run.lastSequence < 0) {"),
            of(
                    "the executed commands are missing from a snapshot",
                    "execution/ExecutionState.java",
                    "executed.readFrom(buffer, NUMBERS_LENGTH, bytes.length - NUMBERS_LENGTH);",
                    ""),
            of(
                    "the checksum of the prefix is missing from a snapshot",
                    "execution/ExecutionState.java",
                    "values.resume(buffer.getLong(2 * Long.BYTES, LITTLE_ENDIAN));",
                    ""),
            of(
                    "cluster time is missing from a snapshot",
                    "execution/ExecutionState.java",
                    "timeMs = buffer.getLong(Long.BYTES, LITTLE_ENDIAN);",
                    ""),
            of(
                    "the state machine begins its snapshot later than execution",
                    new Edit("execution/Snapshots.java", "writer = machine.writeSnapshot();", "writer = null;"),
                    new Edit(
                            "execution/Snapshots.java",
                            "if (!writer.writeSlice(sink)) {",
                            "if (writer == null) { writer = machine.writeSnapshot(); }\n"
                                    + "        if (!writer.writeSlice(sink)) {")),
            of(
                    "a damaged snapshot is used",
                    "execution/Snapshots.java",
                    "if (isReached(candidate) && isSound(candidate)) {",
                    "if (isReached(candidate)) {"),
            of(
                    "the log is trimmed before the snapshot is durable",
                    "replica/ReplicaAgent.java",
                    "trimming.run(snapshots.newestSlot(), snapshots.previousSlot());",
                    "trimming.run(executed.appliedThrough(), executed.appliedThrough());"),
            of(
                    "a report below the bottom says that nothing was accepted",
                    new Edit(
                            ACCEPTOR,
                            "answer.promise(self, ballot, chosenThrough, lastSlot);",
                            "answer.promise(self, ballot, Math.min(chosenThrough, fromSlot - 1), lastSlot);"),
                    new Edit(ACCEPTOR, "Math.max(fromSlot, chosenThrough + 1), lastSlot);", "fromSlot, lastSlot);")),
            of(
                    "an accept below the bottom is answered with a vote",
                    ACCEPTOR,
                    "outbox.now(from).trimmed(self, log.firstSlot());",
                    "outbox.afterSync(from).accepted(self, ballot, slot, slot);"),
            of(
                    "an accept below the bottom stops the replica",
                    ACCEPTOR,
                    "if (slot <= chosenThrough && slot < log.firstSlot()) {",
                    "if (slot < 0) {"),
            of(
                    "a fetch below the bottom is not answered",
                    "protocol/CatchUp.java",
                    "            outbox.now(to).trimmed(self, log.firstSlot());\n",
                    ""),
            of(
                    "stop-and-wait catch-up",
                    "protocol/CatchUp.java",
                    "allowed = Math.min(Fetches.MAX, allowed + 1);",
                    "allowed = 1;"),
            of(
                    "what was asked for is never asked for again",
                    "protocol/CatchUp.java",
                    "quietTicks[voter] >= patienceTicks[voter]",
                    "quietTicks[voter] < 0"),
            of(
                    "repeats without back-off",
                    "protocol/Repeats.java",
                    "intervalTicks[voter] = Math.min(INTERVAL_TICKS_MAX, 2 * intervalTicks[voter]);",
                    "intervalTicks[voter] = 1;"),
            of(
                    "repeats what is still queued",
                    "protocol/Repeats.java",
                    "        if (written >= queued) {",
                    "        if (written <= queued) {"),
            of(
                    "what the leader has queued is fetched from others",
                    "protocol/CatchUp.java",
                    "return unfedTicks < FED_TICKS && leader >= 0",
                    "return unfedTicks < 0 && leader >= 0"),
            of(
                    "a snapshot is installed over a newer state",
                    "replica/SnapshotTransfer.java",
                    "if (received > executed.appliedThrough()) {",
                    "if (received > 0) {"),
            of(
                    "bytes of another snapshot are taken",
                    "transfer/SnapshotReceiver.java",
                    "phase == Phase.RECEIVING && by == from && itsSlot == slot && itsId == id;",
                    "phase == Phase.RECEIVING;"),
            of(
                    "bytes in another place are taken",
                    "transfer/SnapshotReceiver.java",
                    "position < 0 || position != output.length() || ",
                    ""),
            of(
                    "an installed snapshot leaves the old log",
                    "execution/Snapshots.java",
                    "        log.trim(received);\n",
                    ""),
            of(
                    "a log that begins behind the state is executed",
                    "execution/Applier.java",
                    "return state.appliedThrough() + 1 < log.firstSlot();",
                    "return state.appliedThrough() < 0;"),
            of(
                    "a transfer begins at the first byte each time",
                    "transfer/SnapshotReceiver.java",
                    "outbox.now(from).fetchSnapshot(self, slot, id, output.length());",
                    "outbox.now(from).fetchSnapshot(self, slot, id, 0);"),
            of(
                    "a vote is given without room for it",
                    ACCEPTOR,
                    "if (!isAccepted && !log.hasRoomFor(length)) {",
                    "if (slot < 0) {"),
            of(
                    "a promise is given without room for it",
                    ACCEPTOR,
                    "if (ballot > promised && !log.hasRoomFor(0)) {",
                    "if (ballot < 0) {"),
            of(
                    "a chosen value is called learned without room for it",
                    new Edit(
                            ACCEPTOR,
                            "        if (!log.hasRoomFor(length)) {\n            return false;\n",
                            "        if (!log.hasRoomFor(length)) {\n            return true;\n")),
            of(
                    "after a start a sender does not hold what it was sending",
                    "transfer/SnapshotSender.java",
                    "            held.add(new Held(slot, store.open(slot)));",
                    "            store.open(slot).close();"),
            of(
                    "a sender that is away is given up after 100 heartbeats, whatever was received",
                    "transfer/SnapshotReceiver.java",
                    "return Math.max(SWITCH_HEARTBEATS * heartbeatNs, spentNs);",
                    "return SWITCH_HEARTBEATS * heartbeatNs;"),
            of(
                    "one round of offers proves that nobody has the unfinished snapshot",
                    "transfer/SnapshotOffers.java",
                    "return fruitless >= ROUNDS;",
                    "return offering == configuration.otherVoters();"),
            of(
                    "life is aged by round, not by arrival",
                    "protocol/Heartbeats.java",
                    "        arrivedRound[voter] = round;\n        tripRounds",
                    "        arrivedRound[voter] = toRound;\n        tripRounds"),
            of(
                    "an answer to a question of long ago is news",
                    "protocol/Heartbeats.java",
                    " || toRound < round - ANSWER_ROUNDS_MAX",
                    ""),
            of(
                    "a leader is happy without progress",
                    PROPOSER,
                    "if (patience.isOver(nowNs, isWaiting, election.isHappy(), achieved, diskNs, wayNs)) {",
                    "if (nowNs - nowNs > diskNs + wayNs + achieved && isWaiting) {"),
            of(
                    "a leader that gave way is elected again at once",
                    "protocol/Election.java",
                    "fruitless * turnsOfAll + (isReady ? 0 : turnsOfAll);",
                    "0;"),
            of(
                    "an old leader keeps its commands",
                    "protocol/Proposer.java",
                    "if (led != Ballot.NONE) {",
                    "if (led < 0) {"),
            of(
                    "a turn executes commands without a bound",
                    "execution/TurnBudget.java",
                    "isSpent = nowNs - endNs >= 0;",
                    "isSpent = false;"),
            of(
                    "commands that wait for room get their outcome in later turns",
                    "replica/PendingCommands.java",
                    "if (expired > 0 && drain() > 0) {",
                    "if (expired < 0 && drain() > 0) {"),
            of(
                    "outcomes by their deadline are given by heartbeat",
                    "replica/ReplicaAgent.java",
                    "Math.min(core.untilTickNs(nowNs), untilDeadlineNs)",
                    "core.untilTickNs(nowNs)"),
            of(
                    "an exception of the code of a client stops the replica",
                    "replica/Callbacks.java",
                    "if (e instanceof Error && error == null) {",
                    "if (error == null) {"),
            of(
                    "an Error of the code of a client is ignored",
                    "replica/Callbacks.java",
                    "if (e instanceof Error && error == null) {",
                    "if (e == null) {"),
            of(
                    "a replica that ends forgets the commands that wait for room",
                    "replica/PendingCommands.java",
                    "} while (inbox.drain(onCommand) > 0);",
                    "} while (head < next);"),
            of(
                    "a replica that replays is happy, so nobody else campaigns",
                    "protocol/Election.java",
                    "happy = !stalled && isHappyNow();",
                    "happy = !isReady || !stalled && isHappyNow();"),
            of(
                    "a replica goes on although its disk has failed",
                    "replica/ReplicaAgent.java",
                    "fail(cause);",
                    "if (isStopped()) { fail(cause); }"));
}
