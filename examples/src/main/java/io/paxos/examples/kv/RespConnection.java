package io.paxos.examples.kv;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.util.ReferenceCountUtil;
import io.paxos.Outcome;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One client: its requests are executed, and answered, in the order in which it sent them.
 *
 * <p>At most one command or query of a connection is with the engine at any time, since the engine does not promise to
 * keep the order of two across a change of leader. What a client pipelines meanwhile waits, and then travels together:
 * a run of writes as one command, a run of reads as one query. So order costs no throughput, and a read sees every
 * write before it.
 *
 * <p>All that a client makes this process keep is taken from {@link ClientMemory} first: a request from its first word
 * until the engine has answered it, a reply before the engine is asked until the last piece of it is in the buffer of
 * the socket, which is short. Owned by the event loop of its channel; nothing here is shared.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and channelInactive is called
final class RespConnection extends ChannelInboundHandlerAdapter {
    /** How long a client that broke the protocol may take to read why. */
    private static final long FAREWELL_MS = 1000;

    private final Engine engine;
    private final RedisCommands commands;
    private final Session session;
    private final Clients clients;
    private final ClientMemory memory;
    private final RespInput input;
    private final RespOutput output;
    private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
    private ChannelHandlerContext ctx;

    /** Of the clients' memory, by what waits. */
    private int waitingBytes;

    /** A command or query is with the engine. */
    private boolean isAsking;

    private Batch starved; // finds no memory for its replies; null if there is none such
    private long starvedSinceNs;

    /** No request will be taken any more, but those that wait are answered. */
    private boolean isEnding;

    private boolean isStopping;
    private boolean isClosed;

    private boolean isProceeding; // proceed() is under way
    private boolean isAgain; // and goes round once more: a write or a flush has changed what is possible

    /** When bytes went in or out. */
    private long activeNs;

    /** When the client did its part: it completed or began a request, or has read. */
    private long progressNs;

    RespConnection(final Engine engine, final RedisCommands commands, final Session session, final Clients clients) {
        this.engine = engine;
        this.commands = commands;
        this.session = session;
        this.clients = clients;
        this.memory = clients.memory();
        this.input = new RespInput(memory);
        this.output = new RespOutput(memory);
        this.activeNs = System.nanoTime();
        this.progressNs = activeNs;
    }

    /** A request that waits for its turn, and what it takes of the clients' memory. */
    private record Pending(Action action, int bytes) {}

    @Override
    public void handlerAdded(final ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void channelRead(final ChannelHandlerContext context, final Object message) {
        activeNs = System.nanoTime();
        if (isEnding || isClosed) {
            ReferenceCountUtil.release(message);
            return;
        }
        input.add(ctx.alloc(), (ByteBuf) message);
        decode();
        ctx.channel().config().setAutoRead(isEnding || !isFull());
    }

    /** Takes requests in. Answers true if there may be more, but too much waits. */
    private boolean decode() {
        while (!input.isEmpty() && !isEnding) {
            if (isFull()) {
                return true;
            }
            final boolean isNew = input.taken() == 0;
            final Request request = input.next(ctx.alloc());
            if (request != null || (isNew && input.taken() > 0)) {
                progressNs = activeNs;
            }
            if (request == null) {
                return false;
            }
            take(request);
        }
        return false;
    }

    private void take(final Request request) {
        if (request instanceof Request.Call call) {
            enqueue(commands.parse(session, call), call.bytes());
        } else if (request instanceof Request.Refused refused) {
            enqueue(RedisCommands.error(refused.error()), 0);
        } else if (request instanceof Request.Broken broken) {
            enqueue(new Action.ReplyAndClose(Answers.error(broken.error())), 0);
        } else {
            isEnding = true;
            input.drop();
            ctx.close();
        }
    }

    private void enqueue(final Action action, final int bytes) {
        isEnding = action instanceof Action.ReplyAndClose;
        if (isEnding) {
            input.drop();
        }
        waiting.add(new Pending(action, bytes));
        waitingBytes += bytes;
    }

    private boolean isFull() {
        return waiting.size() >= KvLimits.WAITING_MAX
                || waitingBytes >= KvLimits.WAITING_BYTES_MAX
                || (memory.isTight() && !waiting.isEmpty());
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext context) {
        proceed();
    }

    @Override
    public void channelWritabilityChanged(final ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            activeNs = System.nanoTime();
            progressNs = activeNs;
        }
        proceed();
    }

    @Override
    public void channelInactive(final ChannelHandlerContext context) {
        isClosed = true;
        clients.leave(this);
        input.close();
        memory.give(waitingBytes + (starved == null ? 0 : starved.taken()));
        waiting.clear();
        waitingBytes = 0;
        output.close();
        starved = null;
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext context, final Throwable cause) {
        if (!(cause instanceof IOException)) {
            clients.failed(cause);
            ctx.writeAndFlush(Answers.error("ERR an internal error, see the log of the replica"));
        }
        ctx.close();
    }

    /** Answers what waits and then closes. */
    void stop() {
        isEnding = true;
        isStopping = true;
        proceed();
    }

    void close() {
        ctx.close();
    }

    /** The client can do something, or this connection can: nothing is with the engine or waits for memory. */
    boolean isIdle() {
        return !isAsking && starved == null;
    }

    long idleNs(final long nowNs) {
        return nowNs - activeNs;
    }

    /** For how long the client has kept memory and not done its part; 0 if it keeps none, or if it waits for us. */
    long stalledNs(final long nowNs) {
        return isIdle() && keeps() > 0 ? nowNs - progressNs : 0;
    }

    /** How much of the clients' memory it keeps. */
    long keeps() {
        return output.taken() + waitingBytes + input.taken();
    }

    /** Works off what waits until the engine must answer, the client must read, or memory lacks. */
    private void proceed() {
        isAgain = true;
        if (isProceeding) {
            return; // within a write or a flush, whose message has not been written to its end
        }
        isProceeding = true;
        try {
            boolean isMore = false;
            while (!isClosed && (isAgain || (isMore && !isFull()))) {
                isAgain = false;
                isMore = decode();
                pump();
                ctx.flush();
            }
        } finally {
            isProceeding = false;
        }
        if (isStopping && isIdle() && !output.isSending() && waiting.isEmpty()) {
            ctx.close();
        }
        // Reading goes on while the connection ends, so that the end of the other side is noticed.
        ctx.channel().config().setAutoRead(isEnding || !isFull());
    }

    private void pump() {
        while (!isClosed && ctx.channel().isWritable()) {
            if (output.isSending()) {
                output.writePiece(ctx);
                clients.freed(ctx);
            } else if (isAsking || starved != null || waiting.isEmpty()) {
                return;
            } else {
                begin(waiting.peek().action());
            }
        }
    }

    private void begin(final Action action) {
        if (action instanceof Action.Write) {
            ask(batch(Batch.ofWrites()));
        } else if (action instanceof Action.Query query) {
            ask(batch(Batch.ofReads(query.read(), clients.limits().replyBytes())));
        } else if (action instanceof Action.TakeSnapshot) {
            takeSnapshot();
        } else if (action instanceof Action.Echo echo) {
            output.begin(ReplyPieces.ofString(echo.word()), take());
        } else if (action instanceof Action.Answer answer) {
            memory.give(take());
            RespOutput.write(ctx, answer.message().get());
        } else {
            sayGoodbye(((Action.ReplyAndClose) action).message());
        }
    }

    /** Removes the first that waits. Its memory now belongs to the caller. */
    private int take() {
        final int bytes = waiting.remove().bytes();
        waitingBytes -= bytes;
        return bytes;
    }

    private void sayGoodbye(final RedisMessage message) {
        waiting.clear();
        memory.give(waitingBytes);
        waitingBytes = 0;
        ctx.writeAndFlush(message).addListener(f -> hangUp());
    }

    /** Ends our half first: closing a socket with unread bytes would take the last answer away from the client. */
    private void hangUp() {
        ((DuplexChannel) ctx.channel())
                .shutdownOutput()
                .addListener(f -> ctx.executor().schedule(() -> ctx.close(), FAREWELL_MS, TimeUnit.MILLISECONDS));
    }

    private Batch batch(final Batch batch) {
        while (!waiting.isEmpty()
                && batch.add(waiting.peek().action(), waiting.peek().bytes())) {
            take();
        }
        return batch;
    }

    private void ask(final Batch batch) {
        if (!memory.take(batch.memoryBytes())) {
            if (starved == null) {
                starved = batch;
                starvedSinceNs = System.nanoTime();
                clients.await(this, batch.memoryBytes());
            }
            return;
        }
        starved = null;
        isAsking = true;
        if (batch.read() == null) {
            submit(batch);
        } else {
            query(batch);
        }
    }

    /** Tries again to get memory for replies. Answers false if there is still none, and the batch shall wait. */
    boolean retry(final long nowNs, final long patienceNs) {
        final Batch batch = starved;
        if (batch != null && !isClosed) {
            ask(batch);
            if (starved != null && nowNs - starvedSinceNs < patienceNs) {
                return false;
            }
            if (starved != null) {
                starved = null;
                memory.give(batch.taken());
                send(ReplyPieces.errors(batch.refusal(), batch.count()), 0);
            }
        }
        return true;
    }

    private void submit(final Batch batch) {
        final int count = batch.count();
        final long estimate = batch.memoryBytes() + batch.taken();
        engine.submit(batch.encoded())
                .whenComplete(
                        (outcome, failure) -> clients.execute(ctx, () -> chosen(count, estimate, outcome, failure)));
    }

    private void chosen(final int count, final long estimate, final Outcome outcome, final Throwable failure) {
        if (outcome instanceof Outcome.Chosen chosen) {
            answered(count, estimate, chosen.reply());
        } else {
            answered(count, estimate, Answers.notExecuted(outcome, failure));
        }
    }

    private void query(final Batch batch) {
        final int count = batch.count();
        final long estimate = batch.memoryBytes() + batch.taken();
        engine.read(batch.encoded(), batch.read())
                .whenComplete((reply, failure) -> clients.execute(ctx, () -> read(count, estimate, reply, failure)));
    }

    private void read(final int count, final long estimate, final byte[] reply, final Throwable failure) {
        if (failure == null) {
            answered(count, estimate, reply);
        } else {
            answered(count, estimate, "CLUSTERDOWN not read: " + Answers.reason(failure));
        }
    }

    private void takeSnapshot() {
        memory.give(take());
        isAsking = true;
        final CompletableFuture<?> unused = engine.snapshot()
                .whenComplete((slot, failure) -> clients.execute(ctx, () -> {
                    RespOutput.write(
                            ctx,
                            failure == null
                                    ? Answers.simple("OK " + slot)
                                    : Answers.error("ERR no snapshot: " + Answers.reason(failure)));
                    isAsking = false;
                    proceed();
                }));
    }

    /** Bytes are given back as far as the reply did not need them. */
    private void answered(final int count, final long estimate, final byte[] reply) {
        memory.correct(estimate, isClosed ? 0 : reply.length);
        clients.freed(ctx);
        if (!isClosed) {
            send(ReplyPieces.of(reply, count), reply.length);
        }
    }

    private void answered(final int count, final long estimate, final String error) {
        memory.give(estimate);
        clients.freed(ctx);
        if (!isClosed) {
            send(ReplyPieces.errors(error, count), 0);
        }
    }

    private void send(final ReplyPieces answer, final long taken) {
        progressNs = System.nanoTime();
        output.begin(answer, taken);
        isAsking = false;
        proceed();
    }
}
