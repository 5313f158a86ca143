package io.paxos.testkit.contract.transport;

import io.paxos.spi.Transport;
import io.paxos.testkit.memory.RecordedMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Some members over the transport under test, driven by one thread. One {@link DeliveryChecker} checks every delivery.
 */
final class TransportFixture {
    /** How to open one end of a network of these members. */
    interface Opening {
        Transport open(int self, Set<Integer> members);
    }

    static final int POLL_LIMIT = 100;
    private static final long IDLE_NS = 1_000_000;
    private static final int QUIET_TURNS = 5;

    private final Opening opening;
    private final TransportCapabilities capabilities;
    private final long patienceNs;
    private final Set<Integer> ids;
    private final DeliveryChecker deliveries;
    private final Map<Integer, Member> members = new ConcurrentSkipListMap<>(); // by id: the last one opened
    private volatile boolean isOver; // false, then true for good; threads of the test end when they see it

    TransportFixture(
            final Opening opening,
            final TransportCapabilities capabilities,
            final long patienceNs,
            final int memberCount) {
        this.opening = opening;
        this.capabilities = capabilities;
        this.patienceNs = patienceNs;
        ids = IntStream.rangeClosed(1, memberCount).boxed().collect(Collectors.toUnmodifiableSet());
        deliveries = new DeliveryChecker(capabilities);
    }

    TransportCapabilities capabilities() {
        return capabilities;
    }

    long patienceNs() {
        return patienceNs;
    }

    Set<Integer> ids() {
        return ids;
    }

    DeliveryChecker deliveries() {
        return deliveries;
    }

    Collection<Member> members() {
        return members.values();
    }

    Member member(final int id) {
        return members.get(id);
    }

    /** Whether every thread of the test has to end. Any thread. */
    boolean isOver() {
        return isOver;
    }

    /** Ends the test on every thread of it: only {@link Member#close} is called from now on. Any thread. */
    void abandon() {
        isOver = true;
        members.values().forEach(Member::abandon);
    }

    /** Opens one member, for the first time or again. */
    Member open(final int id) {
        if (isOver) {
            throw new AssertionError("opened after the end: member " + id);
        }
        final boolean isBack = members.containsKey(id);
        final Transport transport;
        try {
            transport = opening.open(id, ids);
        } catch (final RuntimeException e) {
            if (isBack) {
                throw TransportPromise.COMES_BACK.broken("opening member " + id + " again threw " + e, e);
            }
            throw e;
        }
        final Member member = new Member(id, transport, deliveries);
        members.put(id, member);
        return member;
    }

    /** Opens all members, and runs them until each has received a message from each other one. */
    TransportFixture connected() {
        ids.forEach(this::open);
        return connect();
    }

    /** Runs all open members until each has received a message from each other one. */
    TransportFixture connect() {
        final List<Send> pings = new ArrayList<>();
        for (final Member from : members.values()) {
            for (final Member to : members.values()) {
                if (from != to && !from.isClosed() && !to.isClosed()) {
                    pings.add(Send.ping(from.id(), to.id()));
                }
            }
        }
        reach(TransportPromise.REACHES, pings);
        return this;
    }

    /** Sends each of these again and again until it is received. */
    void reach(final TransportPromise promise, final List<Send> sends) {
        final Patience patience = new Patience(patienceNs);
        final Set<Send> open = new HashSet<>(sends);
        final List<RecordedMessage> sent = new ArrayList<>();
        final List<Send> order = new ArrayList<>();
        while (!open.isEmpty()) {
            if (patience.isOver()) {
                throw promise.broken("in " + patienceNs / 1_000_000 + " ms these were not received: " + open);
            }
            for (final Send send : open) {
                order.add(send);
                sent.add(member(send.from()).send(send));
            }
            until(IDLE_NS, () -> deliveries.areReceived(sent.subList(sent.size() - open.size(), sent.size())));
            for (int i = 0; i < sent.size(); i++) {
                if (deliveries.isReceived(sent.get(i))) {
                    open.remove(order.get(i));
                }
            }
        }
    }

    void reach(final TransportPromise promise, final Send send) {
        reach(promise, List.of(send));
    }

    /** Polls and flushes each open member once. Waits a little if nothing was received. */
    int turn() {
        int received = 0;
        Member first = null;
        for (final Member member : members.values()) {
            if (!member.isClosed()) {
                received += member.poll(POLL_LIMIT);
                member.flush();
                first = first == null ? member : first;
            }
        }
        if (received == 0 && first != null) {
            first.await(TransportPromise.TIMES_OUT, IDLE_NS);
        }
        deliveries.check();
        return received;
    }

    /** Turns until the condition holds, or there is no more patience. Returns whether it holds. */
    boolean until(final BooleanSupplier condition) {
        return until(patienceNs, condition);
    }

    private boolean until(final long timeoutNs, final BooleanSupplier condition) {
        final Patience patience = new Patience(timeoutNs);
        boolean holds = condition.getAsBoolean();
        while (!holds && !patience.isOver()) {
            turn();
            holds = condition.getAsBoolean();
        }
        return holds;
    }

    /** Turns until nothing was received for some turns. */
    void quiet() {
        int quietTurns = 0;
        while (quietTurns < QUIET_TURNS) {
            final long startNs = System.nanoTime();
            quietTurns = turn() == 0 ? quietTurns + 1 : 0;
            while (quietTurns > 0 && System.nanoTime() - startNs < IDLE_NS) {
                Thread.onSpinWait(); // a wait may end early
            }
        }
    }

    /**
     * Sends all of these. On a lossless transport it waits for them in between, before more bytes are under way than
     * the transport promises room for.
     */
    List<RecordedMessage> sendAll(final List<Send> sends) {
        final List<RecordedMessage> sent = new ArrayList<>();
        long waitingBytes = 0;
        for (final Send send : sends) {
            final int bytes = TransportCapabilities.MESSAGE_BYTES + Math.max(Long.BYTES, send.length());
            if (capabilities.lossless() && waitingBytes + bytes > capabilities.burstBytes()) {
                requireReceived(sent);
                waitingBytes = 0;
            }
            waitingBytes += bytes;
            sent.add(member(send.from()).send(send));
        }
        return sent;
    }

    /**
     * Waits until all of these are received, which a lossless transport promises.
     *
     * <p>On an ordered transport the wait ends early: pings are sent again and again, and once one of them is received,
     * every earlier message is either received or lost.
     */
    void requireReceived(final List<RecordedMessage> sent) {
        final List<Send> pings = capabilities.ordered() ? deliveries.pings(sent) : List.of();
        final Patience patience = new Patience(patienceNs);
        members.values().forEach(Member::flush);
        while (!until(IDLE_NS, () -> deliveries.areSettled(sent)) && !patience.isOver()) {
            pings.forEach(ping -> member(ping.from()).send(ping));
        }
        if (!deliveries.areReceived(sent)) {
            quiet(); // if one comes late then it was not lost, and what is broken is the order
            throw TransportPromise.LOSSLESS.broken(deliveries.missing(sent));
        }
    }

    /** Closes all members. Throws what went wrong, and what was noted before. */
    void close() {
        isOver = true;
        for (final Member member : members.values()) {
            if (!member.isClosed()) {
                member.close();
            }
        }
        deliveries.check();
    }
}
