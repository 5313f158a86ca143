package io.paxos.testkit.contract.log;

import static io.paxos.testkit.contract.BrokenPromise.requireEqual;

import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.contract.BrokenPromise;
import io.paxos.testkit.contract.Bytes;
import io.paxos.testkit.memory.LogEntry;
import io.paxos.testkit.memory.LogState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Drives a log, keeps what the log has to hold, and compares the two after each call. */
final class LogProbe implements AutoCloseable {
    private static final int MARGIN = 3; // bytes of garbage on both sides of a value
    private static final byte GARBAGE = (byte) 0xA5;

    private final AcceptorLogContract contract;
    private final Semaphore wakeups = new Semaphore(0);
    private final List<LogEntry> entries = new ArrayList<>(); // what was appended, in order
    private final List<Long> positions = new ArrayList<>(); // by entry: the appended position after it
    private final List<Long> trims = new ArrayList<>(); // slots that were trimmed through, ascending
    private Path directory;
    private AcceptorLog log; // the one opened last
    private LogState state = new LogState(); // what all entries and trims make
    private int incarnation; // of the last opening; rises with each
    private long durable; // the last durable position seen; never falls while a log is open

    LogProbe(final AcceptorLogContract contract, final Path directory) {
        this.contract = contract;
        this.directory = directory;
        open();
    }

    AcceptorLog log() {
        return log;
    }

    LogState state() {
        return state;
    }

    void promise(final long ballot) {
        append(LogEntry.promise(ballot, 0), entry -> log.promise(ballot));
    }

    void promise(final long ballot, final long slot) {
        append(LogEntry.promise(ballot, slot), entry -> log.promise(ballot, slot));
    }

    /** Accepts a value of this many bytes that contains its slot and ballot. */
    void accept(final long ballot, final long slot, final long chosenThrough, final int length) {
        final byte[] value = new byte[length];
        for (int i = 0; i < length; i++) {
            value[i] = (byte) (slot * 31 + ballot * 7 + i * 13L + (i >>> 8));
        }
        append(new LogEntry(ballot, slot, chosenThrough, value), this::accept);
    }

    /** Accepts from a heap or a direct buffer with garbage around, and spoils the buffer afterwards. */
    private void accept(final LogEntry entry) {
        final int length = entry.value().length;
        final int capacity = length + 2 * MARGIN;
        final UnsafeBuffer buffer = entries.size() % 2 == 0
                ? new UnsafeBuffer(new byte[capacity])
                : new UnsafeBuffer(ByteBuffer.allocateDirect(capacity));
        buffer.setMemory(0, capacity, GARBAGE);
        buffer.putBytes(MARGIN, entry.value());
        log.accept(entry.ballot(), entry.slot(), entry.chosenThrough(), buffer, MARGIN, length);
        buffer.setMemory(0, capacity, GARBAGE);
    }

    private void append(final LogEntry entry, final Consumer<LogEntry> call) {
        final long before = log.appendedPosition();
        final boolean wasDurable = durable() == before;
        call.accept(entry);
        final long after = log.appendedPosition();
        if (after <= before) {
            throw new BrokenPromise(LogPromises.APPENDED_GROWS, "from " + before + " to " + after);
        }
        if (wasDurable && !contract.forcesByItself() && durable() > before) {
            throw new BrokenPromise(
                    LogPromises.DURABLE_EARLY, "appended from " + before + " to " + after + ", durable " + durable);
        }
        entries.add(entry);
        positions.add(after);
        state.take(entry);
        check();
    }

    /** Tries to accept a value that is one byte too long. */
    void acceptTooLong(final long ballot, final long slot) {
        final long position = log.appendedPosition();
        final int length = log.valueLengthMax() + 1;
        try {
            log.accept(ballot, slot, state.chosenThrough() + 1, new UnsafeBuffer(new byte[length]), 0, length);
            throw new BrokenPromise(LogPromises.TOO_LONG, length + " bytes were taken");
        } catch (final IllegalArgumentException expected) {
            requireEqual(LogPromises.TOO_LONG, "appendedPosition()", position, log.appendedPosition());
        } catch (final RuntimeException e) {
            throw new BrokenPromise(LogPromises.TOO_LONG, e);
        }
        try {
            check();
        } catch (final BrokenPromise broken) {
            throw new BrokenPromise(LogPromises.TOO_LONG, broken.getMessage());
        }
    }

    void sync() {
        log.sync();
        check();
    }

    /** Trims through this slot, if the log can. */
    void trim(final long throughSlot) {
        if (!contract.trims()) {
            return;
        }
        final long point = log.trimPoint(throughSlot, 0);
        if (point > Math.max(throughSlot, state.firstSlot() - 1) || point < state.firstSlot() - 1) {
            throw new BrokenPromise(
                    LogPromises.TRIM_POINT,
                    "trimPoint(" + throughSlot + ", 0) is " + point + ", firstSlot() " + state.firstSlot());
        }
        log.trim(throughSlot);
        if (throughSlot >= state.firstSlot()) {
            trims.add(throughSlot);
        }
        state.trim(throughSlot);
        check();
    }

    /** Tries to accept a value, and to promise, in a slot that was trimmed. */
    void refusesTrimmed(final long slot) {
        final long position = log.appendedPosition();
        for (final Runnable attempt : List.<Runnable>of(
                () -> log.promise(Long.MAX_VALUE, slot),
                () -> log.accept(Long.MAX_VALUE, slot, state.chosenThrough(), new UnsafeBuffer(new byte[1]), 0, 1))) {
            try {
                attempt.run();
                throw new BrokenPromise(LogPromises.TRIMMED, "slot " + slot + " was taken");
            } catch (final IllegalArgumentException expected) {
                requireEqual(LogPromises.TRIMMED, "appendedPosition()", position, log.appendedPosition());
            }
        }
        check();
    }

    /** Syncs, and waits until everything appended is durable. Like a replica, it looks only when it is woken. */
    void syncAndWait() {
        final long target = log.appendedPosition();
        final long deadlineNs = System.nanoTime() + contract.syncTimeoutNs();
        log.sync();
        while (durable() < target) {
            try {
                if (!wakeups.tryAcquire(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    throw new BrokenPromise(
                            durable() < target ? LogPromises.SYNC : LogPromises.WAKEUP,
                            "appended " + target + ", durable " + durable + ", after "
                                    + TimeUnit.NANOSECONDS.toMillis(contract.syncTimeoutNs()) + " ms");
                }
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for the log", e);
            }
        }
        check();
    }

    /** Closes the log and opens it again, if the log is persistent. */
    void reopen() {
        if (contract.survivesReopening()) {
            log.close();
            open();
            check();
        }
    }

    /** Opens what a crash would leave of the log, if {@code crashed} gives it. Reopens the log otherwise. */
    void crash() {
        final Optional<Path> left;
        try {
            left = contract.survivesReopening() ? contract.crashed(directory) : Optional.empty();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        if (left.isEmpty()) {
            reopen();
            return;
        }
        final int durableEntries = durableEntries();
        log.close();
        directory = left.get();
        open();
        takeOver(durableEntries);
        check();
    }

    /** Finds out which prefix of the records has survived: at least those that were durable. */
    private void takeOver(final int durableEntries) {
        while (!trims.isEmpty() && trims.get(trims.size() - 1) >= log.firstSlot()) {
            trims.remove(trims.size() - 1); // its mark was not durable yet
        }
        for (int count = entries.size(); count >= durableEntries; count--) {
            state = LogState.of(entries.subList(0, count));
            trims.forEach(state::trim);
            try {
                check();
                entries.subList(count, entries.size()).clear();
                positions.subList(count, positions.size()).clear();
                return;
            } catch (final BrokenPromise broken) {
                if (count == durableEntries) {
                    throw new BrokenPromise(
                            LogPromises.AFTER_CRASH,
                            "of " + entries.size() + " records " + durableEntries + " were durable; with these, "
                                    + broken.getMessage());
                }
            }
        }
    }

    private int durableEntries() {
        final long through = durable();
        int count = 0;
        while (count < positions.size() && positions.get(count) <= through) {
            count++;
        }
        return count;
    }

    private void open() {
        try {
            log = contract.open(directory);
        } catch (final RuntimeException e) {
            throw new BrokenPromise(LogPromises.OPENS, e);
        }
        durable = Long.MIN_VALUE; // each opening can begin at another position
        if (log.incarnation() <= incarnation) {
            throw new BrokenPromise(LogPromises.INCARNATION, incarnation + ", then " + log.incarnation());
        }
        incarnation = log.incarnation();
        log.onDurable(wakeups::release);
    }

    /** Compares every answer of the log with what it should be. */
    void check() {
        requireEqual(LogPromises.INCARNATION, "incarnation()", incarnation, log.incarnation());
        requireEqual(LogPromises.PROMISE, "promised()", state.promised(), log.promised());
        requireEqual(LogPromises.FIRST_SLOT, "firstSlot()", state.firstSlot(), log.firstSlot());
        if (state.lastSlot() > 0 || log.lastSlot() >= state.firstSlot()) {
            requireEqual(LogPromises.LAST_SLOT, "lastSlot()", state.lastSlot(), log.lastSlot());
        }
        requireEqual(LogPromises.CHOSEN_THROUGH, "chosenThrough()", state.chosenThrough(), log.chosenThrough());
        for (final long slot : contract.slots()) {
            checkSlot(slot);
        }
        durable();
    }

    private void checkSlot(final long slot) {
        requireEqual(
                LogPromises.ACCEPTED_BALLOT,
                "acceptedBallot(" + slot + ")",
                state.acceptedBallot(slot),
                log.acceptedBallot(slot));
        if (slot >= state.firstSlot()) {
            requireEqual(LogPromises.SLOT_PROMISE, "promised(" + slot + ")", state.promised(slot), log.promised(slot));
        }
        final byte[] expected = state.value(slot);
        final List<byte[]> read = new ArrayList<>();
        final AcceptorLog.ReadResult result = log.read(
                slot,
                (final long readSlot,
                        final long ballot,
                        final DirectBuffer buffer,
                        final int offset,
                        final int length) -> {
                    requireEqual(LogPromises.VALUE, "the slot read", slot, readSlot);
                    requireEqual(LogPromises.VALUE, "the ballot of slot " + slot, state.acceptedBallot(slot), ballot);
                    final byte[] copy = new byte[length];
                    buffer.getBytes(offset, copy);
                    read.add(copy);
                });
        if (slot < state.firstSlot()) {
            requireEqual(LogPromises.TRIMMED, "read(" + slot + ")", AcceptorLog.ReadResult.TRIMMED, result);
            requireEqual(LogPromises.TRIMMED, "the number of values read", 0, read.size());
            return;
        }
        if (expected == null) {
            requireEqual(LogPromises.NOTHING_THERE, "read(" + slot + ")", AcceptorLog.ReadResult.ABSENT, result);
            requireEqual(LogPromises.NOTHING_THERE, "the number of values read", 0, read.size());
            return;
        }
        requireEqual(LogPromises.VALUE, "read(" + slot + ")", AcceptorLog.ReadResult.FOUND, result);
        requireEqual(LogPromises.VALUE, "the number of values read", 1, read.size());
        if (!Arrays.equals(expected, read.get(0))) {
            throw new BrokenPromise(
                    LogPromises.VALUE,
                    "slot " + slot + " holds " + Bytes.text(read.get(0)) + ", expected " + Bytes.text(expected));
        }
    }

    private long durable() {
        final long appended = log.appendedPosition();
        final long now = log.durablePosition();
        if (now > appended) {
            throw new BrokenPromise(LogPromises.DURABLE_APPENDED, "appended " + appended + ", durable " + now);
        }
        if (now < durable) {
            throw new BrokenPromise(LogPromises.DURABLE_FALLS, "from " + durable + " to " + now);
        }
        durable = now;
        return now;
    }

    @Override
    public void close() {
        log.close();
    }
}
