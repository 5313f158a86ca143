package io.paxos.protocol;

import io.paxos.ManualLog;
import io.paxos.Members;
import io.paxos.Quorums;
import io.paxos.spi.Claims;
import io.paxos.spi.Messages;
import io.paxos.spi.Outbox;
import io.paxos.spi.Probe;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One replica alone: the test sends the messages of all others, and reads its answers. */
final class ProtocolFixture implements ProtocolHost {
    static final long INTERVAL_NS = 1_000;
    static final int PATIENCE = 2;

    final ManualLog log = new ManualLog().freeze();
    final SentMessages sent = new SentMessages();
    final List<String> readable = new ArrayList<>();
    final MultiPaxos core;
    private final int self;
    private final Members members;
    private final Deque<Runnable> ownClaims = new ArrayDeque<>();
    private long nowNs = 1;
    private long round;

    ProtocolFixture(final int self, final int windowSlots, final int... ids) {
        this(Probe.NONE, Long.MAX_VALUE / 2, self, windowSlots, ids);
    }

    ProtocolFixture(final Probe probe, final long stallNs, final int self, final int windowSlots, final int... ids) {
        this.self = self;
        members = Members.of(ids);
        core = new MultiPaxos(
                Configuration.first(self, members, Quorums.majority(ids.length)),
                log,
                new Both(),
                this,
                probe,
                new ProtocolSettings(windowSlots, INTERVAL_NS, PATIENCE, stallNs));
        round = (long) log.incarnation() << Integer.SIZE;
    }

    /** The disk catches up, and what the replica claimed to itself arrives. */
    void sync() {
        log.force();
        while (!ownClaims.isEmpty()) {
            ownClaims.poll().run();
        }
    }

    /** A heartbeat round passes in which these members answer that they follow no leader and are unhappy. */
    void roundWithUnhappy(final int... ids) {
        tick();
        for (final int id : ids) {
            core.pong(id, round, Ballot.NONE, false, 0);
        }
    }

    /** A member answers the heartbeat: it is happy with this ballot. */
    void happyPong(final int from, final long following) {
        core.pong(from, round, following, true, 0);
    }

    /** A member answers the heartbeat: it follows this ballot, and no member leads in it. */
    void unhappyPong(final int from, final long following) {
        core.pong(from, round, following, false, 0);
    }

    long round() {
        return round;
    }

    long nowNs() {
        return nowNs;
    }

    void tick() {
        nowNs += INTERVAL_NS;
        core.tick(nowNs);
        round++;
    }

    /** Lets this replica ask for promises; its own is durable and counted afterwards. */
    void campaign() {
        for (int i = 0; i < 10 && core.role() != Role.CANDIDATE; i++) {
            final int[] others = new int[members.size() - 1];
            int n = 0;
            for (int voter = 0; voter < members.size(); voter++) {
                if (members.id(voter) != self) {
                    others[n++] = members.id(voter);
                }
            }
            roundWithUnhappy(others);
        }
        sync();
    }

    void accepted(final int from, final long slot) {
        core.accepted(from, core.following(), slot, slot);
    }

    String valueAt(final long slot) {
        final StringBuilder text = new StringBuilder();
        log.read(
                slot,
                (readSlot, ballot, buffer, offset, length) ->
                        text.append(buffer.getStringWithoutLengthAscii(offset, length)));
        return text.toString();
    }

    @Override
    public void forwarded(final int from, final DirectBuffer commands, final int offset, final int length) {}

    @Override
    public void readable(final long readRound, final long slot) {
        readable.add(readRound + "@" + slot);
    }

    @Override
    public void roleChanged() {}

    /** Messages of the replica to itself arrive there. Those to others are written down. */
    private final class Both implements Outbox {
        @Override
        public Messages now(final int to) {
            return to == self ? core : sent.now(to);
        }

        @Override
        public Claims afterSync(final int to) {
            return to == self ? sender(this::later) : sent.afterSync(to);
        }

        private Messages sender(final InvocationHandler handler) {
            return (Messages)
                    Proxy.newProxyInstance(Messages.class.getClassLoader(), new Class<?>[] {Messages.class}, handler);
        }

        private Object later(final Object proxy, final java.lang.reflect.Method method, final Object[] arguments) {
            final Object[] copy = arguments.clone();
            for (int i = 0; i < copy.length; i++) {
                if (copy[i] instanceof DirectBuffer payload) {
                    final byte[] bytes = new byte[(int) copy[i + 2]];
                    payload.getBytes((int) copy[i + 1], bytes);
                    copy[i] = new UnsafeBuffer(bytes);
                    copy[i + 1] = 0;
                }
            }
            ownClaims.add(() -> {
                try {
                    method.invoke(core, copy);
                } catch (final ReflectiveOperationException e) {
                    throw new IllegalStateException(e.getCause());
                }
            });
            return null;
        }
    }
}
