package io.paxos.replica;

import io.paxos.UndecidedException;
import io.paxos.protocol.Configuration;
import io.paxos.protocol.Synod;
import io.paxos.spi.AcceptorLog;
import io.paxos.spi.Clock;
import io.paxos.spi.Probe;
import io.paxos.spi.Transport;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.jctools.queues.MpscArrayQueue;

/** The duty cycle of single-decree Paxos; its order is that of {@link ReplicaAgent}, and for the same reason. */
final class SynodAgent implements DutyCycle, Synod.Host {
    private static final int POLL_LIMIT = 1024;

    private record Proposal(long decree, byte[] value, long deadlineNs, CompletableFuture<byte[]> future) {}

    private final Clock clock;
    private final AcceptorLog log;
    private final Transport transport;
    private final StagedOutbox outbox;
    private final Synod synod;
    private final long tickIntervalNs;
    private final int decreesMax;
    private final MpscArrayQueue<Proposal> inbox;
    private final List<Proposal> open = new ArrayList<>();
    private long nextTickNs;
    private volatile Throwable fault;
    private volatile boolean isStopped;

    SynodAgent(final SynodSettings settings, final AcceptorLog log, final Transport transport, final Clock clock) {
        this.log = log;
        this.transport = transport;
        this.clock = clock;
        tickIntervalNs = settings.tickIntervalNs();
        decreesMax = settings.decreesMax();
        inbox = new MpscArrayQueue<>(Math.max(2, decreesMax));
        final Configuration configuration = settings.configuration();
        outbox = new StagedOutbox(configuration, log, transport, settings.stagedBytes(), Probe.NONE);
        synod = new Synod(configuration, log, outbox, this);
        outbox.receiver(synod);
        nextTickNs = clock.nanoTime() + tickIntervalNs;
    }

    /** Any thread. */
    CompletableFuture<byte[]> propose(final long decree, final byte[] value, final long deadlineNs) {
        final Proposal proposal = new Proposal(decree, value, deadlineNs, new CompletableFuture<>());
        if (isStopped) {
            fail(proposal, "the replica is closed");
        } else if (!inbox.offer(proposal)) {
            fail(proposal, "too many decrees are open");
        } else if (isStopped) {
            fail(proposal, "the replica is closed"); // the last drain may have missed it
        }
        return proposal.future;
    }

    @Override
    public int doWork() {
        if (isStopped) {
            return 0;
        }
        try {
            final long nowNs = clock.nanoTime();
            int work = transport.poll(synod, POLL_LIMIT);
            work += drain();
            work += tick(nowNs);
            work += transport.flush();
            outbox.seal();
            work += log.sync();
            work += outbox.release();
            work += transport.flush();
            work += expire(nowNs);
            return work;
        } catch (final Throwable cause) {
            fault = cause;
            stop();
            return 0;
        }
    }

    @Override
    public long nextWorkNs() {
        final long nowNs = clock.nanoTime();
        long waitNs = nextTickNs - nowNs;
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
            open.forEach(proposal -> fail(proposal, "the replica stopped"));
            open.clear();
            Proposal proposal;
            while ((proposal = inbox.poll()) != null) {
                fail(proposal, "the replica stopped");
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
        final Iterator<Proposal> all = open.iterator();
        while (all.hasNext()) {
            final Proposal proposal = all.next();
            if (proposal.decree == decree) {
                all.remove();
                final byte[] copy = new byte[length];
                value.getBytes(offset, copy);
                proposal.future.complete(copy);
            }
        }
    }

    private int drain() {
        int work = 0;
        Proposal proposal;
        while (open.size() < decreesMax && (proposal = inbox.poll()) != null) {
            open.add(proposal);
            if (!synod.isOpen(proposal.decree)) {
                synod.propose(proposal.decree, proposal.value);
            }
            work++;
        }
        return work;
    }

    private int tick(final long nowNs) {
        if (nowNs - nextTickNs < 0) {
            return 0;
        }
        nextTickNs = nowNs + tickIntervalNs;
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

    private static void fail(final Proposal proposal, final String reason) {
        proposal.future.completeExceptionally(new UndecidedException(reason));
    }
}
