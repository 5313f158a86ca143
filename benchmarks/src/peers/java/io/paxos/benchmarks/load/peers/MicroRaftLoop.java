package io.paxos.benchmarks.load.peers;

import io.microraft.RaftEndpoint;
import io.microraft.executor.RaftNodeExecutor;
import io.microraft.model.message.RaftMessage;
import io.microraft.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.CloseHelper;

/**
 * A one-thread event loop over a selector: the TCP transport, and the executor of tasks and timers, of one replica,
 * which thereby is a single thread. Messages go out over a connection this side opened; accepted connections are only
 * read.
 */
final class MicroRaftLoop implements RaftNodeExecutor, Transport, AutoCloseable {
    private record Timer(long atNs, long order, Runnable task) {}

    private static final class Link {
        private final int peer;
        private SocketChannel channel;
        private ByteBuffer out = ByteBuffer.allocateDirect(1 << 18);
        private boolean connected;
        private boolean dirty;
        private long retryAtNs;

        private Link(final int peer) {
            this.peer = peer;
        }
    }

    private static final class Inbound {
        private ByteBuffer in = ByteBuffer.allocateDirect(1 << 18);
    }

    private final int[] ports;
    private final MicroRaftCodec codec;
    private final int spins;
    private final Selector selector;
    private final ServerSocketChannel server;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /**
     * Tasks the loop's thread gave itself. They run after the bytes its other work produced are on the wire: MicroRaft
     * submits the leader's flush this way, and it should force its log while the followers force theirs.
     */
    private final ArrayDeque<Runnable> ownTasks = new ArrayDeque<>();

    private final PriorityQueue<Timer> timers = new PriorityQueue<>(
            (a, b) -> a.atNs != b.atNs ? Long.compare(a.atNs, b.atNs) : Long.compare(a.order, b.order));
    private final Link[] links;
    private final List<Link> dirty = new ArrayList<>();
    private final Thread thread;
    private long timerOrder;
    private volatile boolean isAsleep;
    private volatile boolean run = true;
    private volatile Consumer<RaftMessage> receiver;

    MicroRaftLoop(final int self, final int[] ports, final MicroRaftCodec codec, final int spins) throws IOException {
        this.ports = ports;
        this.codec = codec;
        this.spins = spins;
        selector = Selector.open();
        server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[self]));
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
        } catch (final IOException e) {
            CloseHelper.quietCloseAll(server, selector);
            throw e;
        }
        links = new Link[ports.length];
        for (int i = 0; i < links.length; i++) {
            links[i] = new Link(i);
        }
        thread = new Thread(this::loop, "replica-" + self);
        thread.start();
    }

    /** The receiver of what the others send. */
    void receiver(final Consumer<RaftMessage> newReceiver) {
        receiver = newReceiver;
    }

    /** Stops the thread, which lets go of its connections. */
    @Override
    public void close() {
        run = false;
        selector.wakeup();
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void execute(final Runnable task) {
        if (Thread.currentThread() == thread) {
            task.run();
        } else {
            submit(task);
        }
    }

    @Override
    public void submit(final Runnable task) {
        if (Thread.currentThread() == thread) {
            ownTasks.add(task);
            return;
        }
        tasks.add(task);
        if (isAsleep) {
            isAsleep = false;
            selector.wakeup();
        }
    }

    @Override
    public void schedule(final Runnable task, final long delay, final TimeUnit unit) {
        final long at = System.nanoTime() + unit.toNanos(delay);
        if (Thread.currentThread() == thread) {
            timers.add(new Timer(at, timerOrder++, task));
        } else {
            submit(() -> timers.add(new Timer(at, timerOrder++, task)));
        }
    }

    @Override
    public void send(final RaftEndpoint target, final RaftMessage message) {
        if (Thread.currentThread() != thread) {
            submit(() -> sendHere(target, message));
        } else {
            sendHere(target, message);
        }
    }

    @Override
    public boolean isReachable(final RaftEndpoint endpoint) {
        return links[((MicroRaftEndpoint) endpoint).id()].connected;
    }

    private void sendHere(final RaftEndpoint target, final RaftMessage message) {
        final Link link = links[((MicroRaftEndpoint) target).id()];
        if (!link.connected) {
            connect(link);
            return; // lost; Raft repeats what matters
        }
        final int need = MicroRaftCodec.bound(message);
        if (link.out.remaining() < need) {
            if (link.out.position() > (64 << 20)) {
                return;
            }
            final ByteBuffer bigger =
                    ByteBuffer.allocateDirect(Math.max(link.out.capacity() * 2, link.out.position() + need));
            bigger.put(link.out.flip());
            link.out = bigger;
        }
        MicroRaftCodec.putMessage(link.out, message);
        if (!link.dirty) {
            link.dirty = true;
            dirty.add(link);
        }
    }

    private void connect(final Link link) {
        final long now = System.nanoTime();
        if (link.channel != null || now < link.retryAtNs) {
            return;
        }
        link.retryAtNs = now + 20_000_000L;
        try {
            link.channel = SocketChannel.open();
            link.channel.configureBlocking(false);
            link.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            final boolean done =
                    link.channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[link.peer]));
            final SelectionKey key = link.channel.register(selector, done ? 0 : SelectionKey.OP_CONNECT, link);
            if (done) {
                link.connected = true;
                key.interestOps(0);
            }
        } catch (final IOException e) {
            drop(link);
        }
    }

    private void drop(final Link link) {
        link.connected = false;
        link.out.clear();
        if (link.channel != null) {
            CloseHelper.quietClose(link.channel);
            link.channel = null;
        }
    }

    private void flush(final Link link) {
        link.dirty = false;
        if (link.channel == null || !link.connected) {
            return;
        }
        try {
            link.out.flip();
            link.channel.write(link.out);
            final boolean rest = link.out.hasRemaining();
            link.out.compact();
            final SelectionKey key = link.channel.keyFor(selector);
            final int want = rest ? SelectionKey.OP_WRITE : 0;
            if (key.interestOps() != want) {
                key.interestOps(want);
            }
        } catch (final IOException e) {
            drop(link);
        }
    }

    private void read(final SelectionKey key) throws IOException {
        final Inbound inbound = (Inbound) key.attachment();
        final int n = ((SocketChannel) key.channel()).read(inbound.in);
        if (n < 0) {
            key.channel().close();
            return;
        }
        final ByteBuffer in = inbound.in.flip();
        int wanted = 0;
        while (in.remaining() >= 4) {
            final int length = in.getInt(in.position());
            if (in.remaining() - 4 < length) {
                wanted = length + 4;
                break;
            }
            in.getInt();
            final int end = in.position() + length;
            final RaftMessage message = codec.message(in);
            if (in.position() != end) {
                throw new IllegalStateException("message length");
            }
            final Consumer<RaftMessage> r = receiver;
            if (r != null) {
                r.accept(message);
            }
        }
        in.compact();
        if (wanted > in.capacity()) {
            final ByteBuffer bigger = ByteBuffer.allocateDirect(Math.max(wanted, in.capacity() * 2));
            bigger.put(in.flip());
            inbound.in = bigger;
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // a yield costs less than the wake-up that it often saves
    private void loop() {
        try {
            int idle = 0;
            while (run) {
                int work = 0;
                Runnable task;
                for (int i = 0; i < 4096 && (task = tasks.poll()) != null; i++) {
                    runSafely(task);
                    work++;
                }
                final long now = System.nanoTime();
                while (!timers.isEmpty() && timers.peek().atNs <= now) {
                    runSafely(timers.poll().task);
                    work++;
                }
                flushDirty();
                for (int n = ownTasks.size(); n > 0; n--) {
                    runSafely(ownTasks.poll());
                    work++;
                }
                flushDirty();
                if (work > 0 || !ownTasks.isEmpty() || idle < spins) {
                    work += selector.selectNow(this::ready);
                } else {
                    isAsleep = true;
                    if (tasks.isEmpty()) {
                        final long wait =
                                timers.isEmpty() ? 1000 : Math.max(1, (timers.peek().atNs - now + 999_999) / 1_000_000);
                        work += selector.select(this::ready, wait);
                    }
                    isAsleep = false;
                }
                if (work > 0) {
                    idle = 0;
                } else if (++idle <= spins) {
                    Thread.yield();
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            for (final SelectionKey key : selector.keys()) {
                CloseHelper.quietClose(key.channel());
            }
            CloseHelper.quietClose(selector);
        }
    }

    private void flushDirty() {
        for (int i = 0; i < dirty.size(); i++) {
            flush(dirty.get(i));
        }
        dirty.clear();
    }

    private static void runSafely(final Runnable task) {
        try {
            task.run();
        } catch (final RuntimeException e) { // one task of the library's; the next may do
            System.err.println("microraft: " + e);
        }
    }

    private void ready(final SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                final SocketChannel channel = server.accept();
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.register(selector, SelectionKey.OP_READ, new Inbound());
            } else if (key.isConnectable()) {
                final Link link = (Link) key.attachment();
                if (link.channel.finishConnect()) {
                    link.connected = true;
                    key.interestOps(0);
                }
            } else if (key.isWritable()) {
                flush((Link) key.attachment());
            } else if (key.isReadable()) {
                read(key);
            }
        } catch (final IOException e) {
            if (key.attachment() instanceof Link link) {
                drop(link);
            } else {
                key.cancel();
                CloseHelper.quietClose(key.channel());
            }
        }
    }
}
