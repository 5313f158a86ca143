package io.paxos.transport.wire;

import io.paxos.spi.Messages;
import java.util.function.Consumer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Turns each call of a method of {@link Messages} into a {@link MessageView}, whichever method it is.
 *
 * <p>For tests, simulators and traces. The memory grows to the longest message. One thread.
 */
public final class MessageCapture implements FrameSink {
    private static final int LENGTH_MIN = 128;

    private final Consumer<MessageView> receiver;
    private final FrameWriter writer = FrameWriter.ofAnySender(this);
    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[LENGTH_MIN]);
    private final MessageView view = new MessageView();

    private int length; // of the frame that is being written

    /**
     * A sender whose messages go to {@code receiver}.
     *
     * @param receiver is called within the call that sends. The view that it gets is valid until it returns, and is
     *     another message then. It must not send into this capture itself.
     */
    public MessageCapture(final Consumer<MessageView> receiver) {
        this.receiver = receiver;
    }

    /** What is called here is captured. {@code from} may be any replica id, 1..65535, and another one in each call. */
    public Messages sender() {
        return writer;
    }

    @Override
    public MutableDirectBuffer reserve(final int frameLength) {
        if (frame.capacity() < frameLength) {
            frame.wrap(new byte[Math.max(frameLength, 2 * frame.capacity())]);
        }
        length = frameLength;
        return frame;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public void commit() {
        receiver.accept(view.wrap(frame, 0, length));
    }
}
