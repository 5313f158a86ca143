package org.example;

import io.paxos.spi.AcceptorLog;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One file that is read at the start and appended to; values stay in memory. Durable is what the process has written.
 */
final class JournalLog implements AcceptorLog {
    private static final int VALUE_LENGTH_MAX = 4_096;
    private static final int PROMISE = -1; // in place of the length of a value
    private static final long ALL = 0; // in place of a slot
    private static final long OPENING = -1; // in place of a slot

    private record Accepted(long ballot, byte[] value) {}

    private final DataOutputStream journal;
    private final Map<Long, Long> promised = new TreeMap<>(); // by slot
    private final TreeMap<Long, Accepted> accepted = new TreeMap<>(); // by slot
    private int incarnation;
    private long chosenThrough;
    private long appended;
    private long durable;
    private boolean isClosed;

    JournalLog(final Path file) throws IOException {
        if (Files.exists(file)) {
            try (DataInputStream records = new DataInputStream(Files.newInputStream(file))) {
                while (records.available() > 0) {
                    final long ballot = records.readLong();
                    final long slot = records.readLong();
                    final long chosen = records.readLong();
                    final int length = records.readInt();
                    take(ballot, slot, chosen, length == PROMISE ? null : records.readNBytes(length));
                }
            }
        }
        journal =
                new DataOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        append(0, OPENING, 0, null);
        durable = appended;
    }

    private void append(final long ballot, final long slot, final long chosen, final byte[] value) {
        requireOpen();
        try {
            journal.writeLong(ballot);
            journal.writeLong(slot);
            journal.writeLong(chosen);
            journal.writeInt(value == null ? PROMISE : value.length);
            journal.write(value == null ? new byte[0] : value);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        appended++;
        take(ballot, slot, chosen, value);
    }

    private void take(final long ballot, final long slot, final long chosen, final byte[] value) {
        if (slot == OPENING) {
            incarnation++;
        } else if (value == null) {
            promised.put(slot, ballot);
        } else {
            accepted.put(slot, new Accepted(ballot, value));
            chosenThrough = chosen;
        }
    }

    private void requireOpen() {
        if (isClosed) {
            throw new IllegalStateException("the journal is closed");
        }
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    @Override
    public long promised() {
        return promised.getOrDefault(ALL, 0L);
    }

    @Override
    public long promised(final long slot) {
        return Math.max(promised(), Math.max(promised.getOrDefault(slot, 0L), acceptedBallot(slot)));
    }

    @Override
    public long firstSlot() {
        return 1;
    }

    @Override
    public long lastSlot() {
        return accepted.isEmpty() ? 0 : accepted.lastKey();
    }

    @Override
    public long chosenThrough() {
        return chosenThrough;
    }

    @Override
    public long acceptedBallot(final long slot) {
        final Accepted entry = accepted.get(slot);
        return entry == null ? 0 : entry.ballot;
    }

    @Override
    public ReadResult read(final long slot, final ValueReader reader) {
        requireOpen();
        final Accepted entry = accepted.get(slot);
        if (entry == null) {
            return ReadResult.ABSENT;
        }
        reader.value(slot, entry.ballot, new UnsafeBuffer(entry.value), 0, entry.value.length);
        return ReadResult.FOUND;
    }

    @Override
    public void promise(final long ballot) {
        append(ballot, ALL, 0, null);
    }

    @Override
    public void promise(final long ballot, final long slot) {
        append(ballot, slot, 0, null);
    }

    @Override
    public void accept(
            final long ballot,
            final long slot,
            final long chosenThrough,
            final DirectBuffer value,
            final int offset,
            final int length) {
        if (length > VALUE_LENGTH_MAX) {
            throw new IllegalArgumentException("a value has at most " + VALUE_LENGTH_MAX + " bytes, not " + length);
        }
        final byte[] copy = new byte[length];
        value.getBytes(offset, copy);
        append(ballot, slot, chosenThrough, copy);
    }

    @Override
    public long appendedPosition() {
        return appended;
    }

    @Override
    public long durablePosition() {
        return durable;
    }

    @Override
    public int sync() {
        requireOpen();
        final int work = durable == appended ? 0 : 1;
        durable = appended;
        return work;
    }

    @Override
    public void onDurable(final Runnable wakeup) {
        // the durable position never moves by itself
    }

    @Override
    public int valueLengthMax() {
        return VALUE_LENGTH_MAX;
    }

    @Override
    public String durability() {
        return "replicated";
    }

    @Override
    public void close() {
        isClosed = true;
        try {
            journal.close();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
