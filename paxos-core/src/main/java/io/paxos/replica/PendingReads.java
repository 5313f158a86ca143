package io.paxos.replica;

import io.paxos.Outcome;
import io.paxos.Read;
import io.paxos.ReadFailedException;
import io.paxos.Reason;
import io.paxos.execution.ReplyBuffer;
import io.paxos.protocol.MultiPaxos;
import io.paxos.statemachine.StateMachine;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * Reads from any thread, first in, first out.
 *
 * <p>All linearizable reads that are drained in one cycle share a round, and with it one question to the leader. They
 * are served when their round has got a slot and that slot has been applied here. Local reads are served when they are
 * drained.
 *
 * <p>Example: reads a and b are drained in one cycle and get round 7, read c in the next one and gets round 8. The
 * leader answers that reads through round 7 may be served at slot 120. When slot 120 has been applied, a and b are
 * served; c waits.
 */
final class PendingReads {
    private static final long NOT_YET = -1;
    private static final Outcome.NotChosen BUSY = new Outcome.NotChosen(Reason.BUSY, "too many reads are waiting");
    private static final String FAILED_QUERY = "the query has failed in the state machine: ";

    private static final class PendingRead {
        private final byte[] query;
        private final long deadlineNs;
        private final CompletableFuture<byte[]> future;
        private long round; // set once, when it is drained
        private long slot = NOT_YET; // set once, when its round may be served

        PendingRead(final byte[] query, final long deadlineNs, final CompletableFuture<byte[]> future) {
            this.query = query;
            this.deadlineNs = deadlineNs;
            this.future = future;
        }
    }

    // Any thread.
    private final MpscAtomicArrayQueue<PendingRead> inbox;
    private final MpscAtomicArrayQueue<PendingRead> localInbox; // never waits behind those that need a quorum
    private final int readsMax;
    private final Callbacks callbacks;
    private volatile Outcome.NotChosen closedBecause; // null while open, then never null again

    // The replica's thread.

    /** Rounds never fall from head to tail. Reads with a slot come before reads without one, and slots never fall. */
    private final ArrayDeque<PendingRead> waiting = new ArrayDeque<>();

    private long earliestNs; // no read that waits has an earlier deadline; means nothing if none waits

    private final StateMachine stateMachine;
    private final ReplyBuffer reply = new ReplyBuffer();
    private final UnsafeBuffer view = new UnsafeBuffer();

    /** The last round. Starts at {@code incarnation << 32}: no answer to an earlier life is taken for one to this. */
    private long round;

    PendingReads(
            final StateMachine stateMachine, final int incarnation, final int readsMax, final Callbacks callbacks) {
        this.callbacks = callbacks;
        this.stateMachine = stateMachine;
        this.readsMax = readsMax;
        inbox = new MpscAtomicArrayQueue<>(readsMax);
        localInbox = new MpscAtomicArrayQueue<>(readsMax);
        round = (long) incarnation << Integer.SIZE;
    }

    /** Any thread. */
    CompletableFuture<byte[]> read(final byte[] query, final Read how, final long deadlineNs) {
        final PendingRead read = new PendingRead(query, deadlineNs, callbacks.newFuture());
        if (closedBecause != null) {
            refuse(read, closedBecause);
        } else if (!(how == Read.LOCAL ? localInbox : inbox).offer(read)) {
            refuse(read, BUSY);
        } else if (closedBecause != null) {
            refuse(read, closedBecause); // race: the last drain may have missed it
        }
        return read.future;
    }

    /** Serves local reads, and asks for a slot for the others. */
    int drain(final MultiPaxos core) {
        if (!callbacks.hasRoom()) {
            return 0;
        }
        int work = 0;
        boolean ask = false;
        PendingRead read;
        while (work < readsMax && (read = localInbox.poll()) != null) {
            work++;
            serve(read);
        }
        while (waiting.size() < readsMax && (read = inbox.poll()) != null) {
            work++;
            if (!ask) {
                ask = true;
                round++;
            }
            read.round = round;
            if (waiting.isEmpty() || read.deadlineNs - earliestNs < 0) {
                earliestNs = read.deadlineNs;
            }
            waiting.add(read);
        }
        if (ask) {
            core.askRead(round);
        }
        return work;
    }

    /** Reads through this round may be served once the slot is applied. */
    void readable(final long throughRound, final long slot) {
        for (final PendingRead read : waiting) {
            if (read.round > throughRound) {
                return;
            }
            if (read.slot == NOT_YET) {
                read.slot = slot;
            }
        }
    }

    /** Serves the reads whose slot has been applied. Returns how many. */
    int serve(final long appliedThrough) {
        int work = 0;
        PendingRead read;
        while ((read = waiting.peek()) != null && read.slot != NOT_YET && read.slot <= appliedThrough) {
            assert read.round <= round : "round=" + read.round + " last=" + round;
            waiting.poll();
            serve(read);
            work++;
        }
        return work;
    }

    /** How long until {@link #expire} must be called, at the latest; {@code Long.MAX_VALUE} if none waits. */
    long untilDeadlineNs(final long nowNs) {
        return waiting.isEmpty() ? Long.MAX_VALUE : earliestNs - nowNs;
    }

    /**
     * Reads whose deadline has passed fail. Returns how many.
     *
     * @param standing why nobody has confirmed them
     */
    int expire(final long nowNs, final Supplier<Outcome.NotChosen> standing) {
        if (untilDeadlineNs(nowNs) > 0) {
            return 0;
        }
        int expired = 0;
        long untilNs = Long.MAX_VALUE;
        for (final Iterator<PendingRead> reads = waiting.iterator(); reads.hasNext(); ) {
            final PendingRead read = reads.next();
            if (read.deadlineNs - nowNs <= 0) {
                reads.remove();
                expire(read, standing.get());
                expired++;
            } else {
                untilNs = Math.min(untilNs, read.deadlineNs - nowNs);
            }
        }
        earliestNs = nowNs + untilNs;
        return expired;
    }

    /** Reads that nobody has confirmed fail for this reason. Returns how many. */
    int refuseAll(final Supplier<Outcome.NotChosen> reason) {
        int refused = 0;
        while (!waiting.isEmpty() && waiting.peekLast().slot == NOT_YET) {
            final Outcome.NotChosen refusal = reason.get();
            fail(waiting.pollLast(), refusal.reason(), refusal.text(), null);
            refused++;
        }
        return refused;
    }

    private void expire(final PendingRead read, final Outcome.NotChosen standing) {
        if (read.slot != NOT_YET) {
            fail(read, Reason.BUSY, "slot " + read.slot + " was not executed here by the deadline of the read", null);
        } else if (standing.reason() == Reason.BUSY) {
            fail(read, Reason.NO_QUORUM, "the leader has not confirmed the read by its deadline", null);
        } else {
            fail(read, standing.reason(), "the read was not confirmed: " + standing.text(), null);
        }
    }

    /** Nothing is taken any more, and everything fails for this reason. */
    void close(final Outcome.NotChosen reason) {
        closedBecause = reason;
        PendingRead read;
        while ((read = waiting.poll()) != null || (read = inbox.poll()) != null || (read = localInbox.poll()) != null) {
            fail(read, reason.reason(), reason.text(), null);
        }
    }

    /**
     * Asks the state machine. A query that throws fails its read and nothing else, because it changes nothing. An error
     * of the virtual machine is not the query's own, so it stops the replica.
     */
    private void serve(final PendingRead read) {
        reply.reset();
        view.wrap(read.query);
        try {
            stateMachine.query(view, 0, read.query.length, reply);
        } catch (final StackOverflowError e) {
            fail(read, Reason.FAILED_QUERY, FAILED_QUERY + e, e);
            return;
        } catch (final VirtualMachineError e) {
            fail(read, Reason.FAILED_QUERY, FAILED_QUERY + e, e);
            throw e;
        } catch (final Throwable e) {
            fail(read, Reason.FAILED_QUERY, FAILED_QUERY + e, e);
            return;
        }
        final byte[] answer = reply.copy();
        reply.reset();
        callbacks.complete(read.future, answer, answer.length);
    }

    private void fail(final PendingRead read, final Reason reason, final String text, final Throwable cause) {
        callbacks.fail(read.future, new ReadFailedException(reason, text, cause));
    }

    private static void refuse(final PendingRead read, final Outcome.NotChosen why) {
        read.future.completeExceptionally(new ReadFailedException(why.reason(), why.text()));
    }
}
