package io.paxos.replica;

import io.paxos.SynodListener;
import io.paxos.UndecidedException;
import io.paxos.identity.MemberHandshake;
import io.paxos.protocol.Configuration;
import io.paxos.protocol.Safety;
import io.paxos.protocol.Synod;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.IgnoredMessages;
import io.paxos.spi.Probe;
import io.paxos.spi.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * The duty cycle of single-decree Paxos. Its order is that of {@link ReplicaAgent}, and for the same reason.
 *
 * <p>What is decided and was learned here is remembered, so that a proposal for it is answered without asking anybody.
 */
final class SynodAgent implements DutyCycle, Synod.Host {
    private static final int POLL_LIMIT = 1024;

    private record Proposal(long decree, byte[] value, long deadlineNs, CompletableFuture<byte[]> future) {}

    private final MemberHandshake handshake;
    private final Clock clock;
    private final AcceptorLog log;
    private final Transport transport;
    private final StagedOutbox outbox;
    private final Synod synod;
    private final long retryIntervalNs;
    private final int pendingDecreesMax;
    private final MpscAtomicArrayQueue<Proposal> inbox;
    private final List<Proposal> open = new ArrayList<>(); // drained and without an outcome; at most pendingDecreesMax
    private final KnownDecrees known;
    private final Callbacks callbacks;
    private final SynodListener listener;
    private long nextTickNs;

    // What other threads may see. Written by the replica's thread alone.
    private volatile long clusterId; // 0 until the first start
    private volatile String waiting; // why the first start waits; null once this member takes part
    private volatile int openCount; // open.size() at the end of the last cycle
    private volatile Throwable fault; // null unless a fault has stopped this member; set once
    private volatile boolean isStopped; // never false again

    SynodAgent(
            final SynodSettings settings,
            final MemberHandshake handshake,
            final AcceptorLog log,
            final Transport transport,
            final Clock clock,
            final Callbacks callbacks,
            final SynodListener listener) {
        this.callbacks = callbacks;
        this.listener = listener;
        this.handshake = handshake;
        clusterId = handshake.clusterId();
        waiting = handshake.waiting();
        known = new KnownDecrees(settings.knownBytes());
        this.log = log;
        this.transport = transport;
        this.clock = clock;
        retryIntervalNs = settings.retryIntervalNs();
        pendingDecreesMax = settings.pendingDecrees();
        inbox = new MpscAtomicArrayQueue<>(Math.max(2, pendingDecreesMax));
        final Configuration configuration = settings.configuration();
        outbox = new StagedOutbox(configuration, log, transport, settings.pendingBytes(), Probe.NONE);
        synod = new Synod(configuration, log, outbox, this);
        outbox.receiver(synod);
        nextTickNs = clock.nanoTime() + retryIntervalNs;
    }

    /** Any thread. */
    CompletableFuture<byte[]> propose(final long decree, final byte[] value, final long deadlineNs) {
        final Proposal proposal = new Proposal(decree, value, deadlineNs, callbacks.newFuture());
        final byte[] decided = known.value(decree);
        if (decided != null) {
            proposal.future.complete(decided.clone());
        } else if (isStopped) {
            refuse(proposal, stopReason());
        } else if (!inbox.offer(proposal)) {
            refuse(proposal, "too many decrees are open");
        } else if (isStopped) {
            refuse(proposal, stopReason()); // race: the last drain may have missed it
        }
        return proposal.future;
    }

    /** A copy of a decided value; null if it is not known here. Any thread. */
    byte[] known(final long decree) {
        final byte[] value = known.value(decree);
        return value == null ? null : value.clone();
    }

    /** Any thread. */
    long clusterId() {
        return clusterId;
    }

    /** Any thread. */
    String waiting() {
        return waiting;
    }

    /** Any thread. */
    int knownDecrees() {
        return known.size();
    }

    /** Any thread. */
    int pendingDecrees() {
        return openCount + inbox.size();
    }

    @Override
    public int doWork() {
        if (isStopped) {
            return 0;
        }
        try {
            final long nowNs = clock.nanoTime();
            if (!handshake.isStarted()) {
                return waitForStart(nowNs);
            }
            int work = transport.poll(synod, POLL_LIMIT);
            handshake.requireSound();
            callbacks.requireSound();
            work += callbacks.hasRoom() ? drain() : 0;
            work += tick(nowNs);
            work += transport.flush();
            outbox.seal();
            work += log.sync();
            work += outbox.release();
            work += transport.flush();
            work += expire(nowNs);
            publish();
            callbacks.flush();
            return work;
        } catch (final Throwable cause) {
            fail(cause);
            return 0;
        }
    }

    @Override
    public long nextWorkNs() {
        final long nowNs = clock.nanoTime();
        long waitNs = handshake.isStarted() ? nextTickNs - nowNs : MemberHandshake.RETRY_NS;
        for (final Proposal proposal : open) {
            waitNs = Math.min(waitNs, proposal.deadlineNs - nowNs);
        }
        return nowNs + waitNs;
    }

    @Override
    public boolean awaitsDisk() {
        return outbox.isHolding();
    }

    @Override
    public void stop() {
        if (!isStopped) {
            isStopped = true;
            open.forEach(proposal -> fail(proposal, stopReason()));
            open.clear();
            openCount = 0;
            Proposal proposal;
            while ((proposal = inbox.poll()) != null) {
                fail(proposal, stopReason());
            }
            transport.close();
        }
    }

    @Override
    public boolean isStopped() {
        return isStopped;
    }

    @Override
    public Throwable fault() {
        return fault;
    }

    @Override
    public void chosen(final long decree, final DirectBuffer value, final int offset, final int length) {
        final byte[] decided = new byte[length];
        value.getBytes(offset, decided);
        final byte[] before = known.value(decree);
        final boolean isNews = before == null;
        if (isNews) {
            known.add(decree, decided);
        } else {
            final int difference = Arrays.mismatch(before, decided);
            Safety.require(difference < 0, "the value of decree " + decree + " never changes (byte)", -1, difference);
        }
        answer(decree, decided);
        if (isNews) {
            callbacks.tell(() -> listener.onDecided(decree, decided.clone()));
        }
    }

    private void answer(final long decree, final byte[] decided) {
        final Iterator<Proposal> all = open.iterator();
        while (all.hasNext()) {
            final Proposal proposal = all.next();
            if (proposal.decree == decree) {
                all.remove();
                callbacks.complete(proposal.future, decided.clone(), decided.length);
            }
        }
    }

    /** A turn before the first start: nothing is promised, voted for, proposed or sent. Proposals wait. */
    private int waitForStart(final long nowNs) {
        int work = transport.poll(IgnoredMessages.ALL, POLL_LIMIT);
        handshake.requireSound();
        if (handshake.tryStart()) {
            transport.handshake(handshake); // the others must see the new card before the first message
            work++;
        }
        clusterId = handshake.clusterId();
        waiting = handshake.waiting();
        while (open.size() < pendingDecreesMax) {
            final Proposal proposal = inbox.poll();
            if (proposal == null) {
                break;
            }
            open.add(proposal);
        }
        if (handshake.isStarted()) {
            open.forEach(proposal -> {
                if (!synod.isOpen(proposal.decree)) {
                    synod.propose(proposal.decree, proposal.value);
                }
            });
        }
        work += expire(nowNs);
        callbacks.requireSound();
        callbacks.flush();
        return work;
    }

    private int drain() {
        int work = 0;
        Proposal proposal;
        while (open.size() < pendingDecreesMax && (proposal = inbox.poll()) != null) {
            begin(proposal);
            work++;
        }
        return work;
    }

    private void begin(final Proposal proposal) {
        final byte[] decided = known.value(proposal.decree);
        if (decided != null) {
            callbacks.complete(
                    proposal.future, decided.clone(), decided.length); // learned since it was put into the inbox
            return;
        }
        open.add(proposal);
        if (!synod.isOpen(proposal.decree)) {
            synod.propose(proposal.decree, proposal.value);
        }
    }

    private int tick(final long nowNs) {
        if (nowNs - nextTickNs < 0) {
            return 0;
        }
        nextTickNs = nowNs + retryIntervalNs;
        return synod.tick();
    }

    private int expire(final long nowNs) {
        int expired = 0;
        final Iterator<Proposal> all = open.iterator();
        while (all.hasNext()) {
            final Proposal proposal = all.next();
            if (proposal.deadlineNs - nowNs <= 0) {
                all.remove();
                fail(proposal, "decree " + proposal.decree + " was not decided by its deadline");
                expired++;
                if (open.stream().noneMatch(other -> other.decree == proposal.decree)) {
                    synod.abandon(proposal.decree);
                }
            }
        }
        return expired;
    }

    @Override
    public void fail(final Throwable cause) {
        fault = cause;
        try {
            stop();
        } catch (final Throwable e) {
            cause.addSuppressed(e);
        }
        callbacks.tell(() -> listener.onFault(cause));
        callbacks.flush();
    }

    @Override
    public void heldUp(final String what, final long durationNs) {
        // the log says it
    }

    private void publish() {
        if (openCount != open.size()) {
            openCount = open.size();
        }
    }

    private String stopReason() {
        return fault == null ? "the replica is closed" : "the replica has stopped: " + fault;
    }

    private void fail(final Proposal proposal, final String reason) {
        callbacks.fail(proposal.future, new UndecidedException(reason));
    }

    private static void refuse(final Proposal proposal, final String reason) {
        proposal.future.completeExceptionally(new UndecidedException(reason));
    }
}
