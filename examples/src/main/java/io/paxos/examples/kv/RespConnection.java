package io.paxos.examples.kv;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.redis.RedisMessage;
import io.paxos.Outcome;
import io.paxos.Read;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One client: its requests are executed, and answered, in the order in which it sent them.
 *
 * <p>At most one command or query of a connection is with the engine at any time, since the engine does not promise to
 * keep the order of two across a change of leader. What a client pipelines meanwhile waits, and then travels together:
 * a run of writes as one command, a run of reads as one query. So order costs no throughput, and a read sees every
 * write before it. Owned by the event loop of its channel; nothing here is shared.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and channelInactive is called
final class RespConnection extends SimpleChannelInboundHandler<Request> {
    /** How long a client that broke the protocol may take to read why. */
    private static final long FAREWELL_MS = 1000;

    private final Engine engine;
    private final RedisCommands commands;
    private final Session session;
    private final ArrayDeque<Action> waiting = new ArrayDeque<>();
    private int waitingBytes;

    /** A command or query is with the engine. */
    private boolean asking;

    /** No request will be taken any more, but those that wait are answered. */
    private boolean isEnding;

    private boolean stopping;
    private boolean closed;

    RespConnection(final Engine engine, final RedisCommands commands, final Session session) {
        this.engine = engine;
        this.commands = commands;
        this.session = session;
    }

    @Override
    protected void channelRead0(final ChannelHandlerContext ctx, final Request request) {
        if (isEnding) {
            return;
        }
        final Action action = action(request);
        isEnding = action instanceof Action.ReplyAndClose;
        waiting.add(action);
        waitingBytes += action.bytes();
    }

    private Action action(final Request request) {
        if (request instanceof Request.Call call) {
            return commands.parse(session, call);
        }
        if (request instanceof Request.Refused refused) {
            return RedisCommands.error(refused.error());
        }
        return new Action.ReplyAndClose(Answers.error(((Request.Broken) request).error()));
    }

    @Override
    public void channelReadComplete(final ChannelHandlerContext ctx) {
        pump(ctx);
    }

    @Override
    public void channelWritabilityChanged(final ChannelHandlerContext ctx) {
        pump(ctx);
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        closed = true;
        waiting.clear();
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (!(cause instanceof IOException)) {
            ctx.write(Answers.error("ERR internal error: " + cause));
            ctx.flush();
        }
        ctx.close();
    }

    /** Answers what waits and then closes. */
    void stop(final ChannelHandlerContext ctx) {
        isEnding = true;
        stopping = true;
        pump(ctx);
    }

    /** Works off what waits until the engine must answer or the client must read. */
    private void pump(final ChannelHandlerContext ctx) {
        while (!asking && !closed && !waiting.isEmpty() && ctx.channel().isWritable()) {
            final Action first = waiting.peek();
            if (first instanceof Action.Write) {
                submit(ctx);
            } else if (first instanceof Action.Query query) {
                ask(ctx, query.read());
            } else if (first instanceof Action.TakeSnapshot) {
                takeSnapshot(ctx);
            } else {
                answer(ctx, take());
            }
        }
        ctx.flush();
        if (stopping && !asking && waiting.isEmpty()) {
            ctx.close();
        }
        // Reading goes on while the connection ends, so that the end of the other side is noticed.
        final boolean full = waiting.size() >= KvLimits.WAITING_MAX || waitingBytes >= KvLimits.WAITING_BYTES_MAX;
        ctx.channel().config().setAutoRead(isEnding || !full);
    }

    private Action take() {
        final Action action = waiting.remove();
        waitingBytes -= action.bytes();
        return action;
    }

    private void answer(final ChannelHandlerContext ctx, final Action action) {
        if (action instanceof Action.Answer answer) {
            ctx.write(answer.message().get());
            return;
        }
        waiting.clear();
        ctx.writeAndFlush(((Action.ReplyAndClose) action).message()).addListener(f -> hangUp(ctx));
    }

    /** Ends our half first: closing a socket with unread bytes would take the last answer away from the client. */
    private static void hangUp(final ChannelHandlerContext ctx) {
        ((DuplexChannel) ctx.channel())
                .shutdownOutput()
                .addListener(f -> ctx.executor().schedule(() -> ctx.close(), FAREWELL_MS, TimeUnit.MILLISECONDS));
    }

    private void submit(final ChannelHandlerContext ctx) {
        final List<KvOperation> batch = new ArrayList<>();
        long bytes = 0;
        long replyBytes = 0;
        while (waiting.peek() instanceof Action.Write next && fits(batch, bytes, replyBytes, next.operation())) {
            bytes += KvCodec.size(next.operation());
            replyBytes += replyBytesMax(next.operation());
            batch.add(next.operation());
            take();
        }
        asking = true;
        submitted(KvCodec.encode(batch))
                .whenComplete((outcome, failure) ->
                        ctx.executor().execute(() -> chosen(ctx, batch.size(), outcome, failure)));
    }

    private CompletableFuture<Outcome> submitted(final byte[] command) {
        try {
            return engine.submit(command);
        } catch (final IllegalStateException | IllegalArgumentException e) {
            return CompletableFuture.completedFuture(new Outcome.NotChosen(e.getMessage())); // never left this method
        }
    }

    private void chosen(
            final ChannelHandlerContext ctx, final int count, final Outcome outcome, final Throwable failure) {
        if (outcome instanceof Outcome.Chosen chosen) {
            answerAll(ctx, count, chosen.reply());
        } else if (outcome instanceof Outcome.NotChosen not) {
            answerAll(ctx, count, "CLUSTERDOWN not executed: " + not.reason());
        } else {
            final String reason = outcome instanceof Outcome.Unknown unknown ? unknown.reason() : failure.toString();
            answerAll(ctx, count, "UNKNOWN may have been executed: " + reason);
        }
        answered(ctx);
    }

    private void ask(final ChannelHandlerContext ctx, final Read read) {
        final List<KvOperation> batch = new ArrayList<>();
        long bytes = 0;
        long replyBytes = 0;
        while (waiting.peek() instanceof Action.Query next
                && next.read() == read
                && fits(batch, bytes, replyBytes, next.operation())) {
            bytes += KvCodec.size(next.operation());
            replyBytes += replyBytesMax(next.operation());
            batch.add(next.operation());
            take();
        }
        asking = true;
        asked(KvCodec.encode(batch), read)
                .whenComplete(
                        (reply, failure) -> ctx.executor().execute(() -> read(ctx, batch.size(), reply, failure)));
    }

    private CompletableFuture<byte[]> asked(final byte[] query, final Read read) {
        try {
            return engine.read(query, read);
        } catch (final IllegalStateException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void read(final ChannelHandlerContext ctx, final int count, final byte[] reply, final Throwable failure) {
        if (failure == null) {
            answerAll(ctx, count, reply);
        } else {
            answerAll(ctx, count, "CLUSTERDOWN not read: " + failure.getMessage());
        }
        answered(ctx);
    }

    private void takeSnapshot(final ChannelHandlerContext ctx) {
        take();
        asking = true;
        final CompletableFuture<?> unused = snapshot()
                .whenComplete((slot, failure) -> ctx.executor().execute(() -> {
                    ctx.write(
                            failure == null
                                    ? Answers.simple("OK " + slot)
                                    : Answers.error("ERR no snapshot: " + failure.getMessage()));
                    answered(ctx);
                }));
    }

    private CompletableFuture<Long> snapshot() {
        try {
            return engine.snapshot();
        } catch (final IllegalStateException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static boolean fits(
            final List<KvOperation> batch, final long bytes, final long replyBytes, final KvOperation next) {
        return batch.isEmpty()
                || (batch.size() < KvLimits.BATCH_OPERATIONS_MAX
                        && bytes + KvCodec.size(next) <= KvLimits.BATCH_BYTES_MAX
                        && replyBytes + replyBytesMax(next) <= KvLimits.REPLY_BYTES_MAX);
    }

    /** The most that the reply can take. So no operation is refused because of others in the same batch. */
    private static long replyBytesMax(final KvOperation operation) {
        return switch (operation.op()) {
            case MGET, SCAN -> KvLimits.REPLY_BYTES_MAX;
            case GET, GETDEL -> KvLimits.ARGUMENT_BYTES_MAX + ReplyWriter.HEADER_BYTES_MAX;
            case SET ->
                SetFlags.has(operation.argument(2)[0], SetFlags.GET)
                        ? KvLimits.ARGUMENT_BYTES_MAX + ReplyWriter.HEADER_BYTES_MAX
                        : ReplyWriter.HEADER_BYTES_MAX;
            default -> ReplyWriter.HEADER_BYTES_MAX;
        };
    }

    private static void answerAll(final ChannelHandlerContext ctx, final int count, final byte[] reply) {
        final ReplyReader replies = new ReplyReader(reply);
        for (int i = 0; i < count; i++) {
            ctx.write(replies.next());
        }
    }

    private static void answerAll(final ChannelHandlerContext ctx, final int count, final String error) {
        final RedisMessage message = Answers.error(error);
        for (int i = 0; i < count; i++) {
            ctx.write(message);
        }
    }

    private void answered(final ChannelHandlerContext ctx) {
        asking = false;
        pump(ctx);
    }

    /** Refuses a client that comes when there are too many. */
    static void refuse(final ChannelHandlerContext ctx) {
        ctx.writeAndFlush(Answers.error("ERR max number of clients reached")).addListener(ChannelFutureListener.CLOSE);
    }
}
