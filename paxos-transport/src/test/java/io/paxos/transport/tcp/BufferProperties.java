package io.paxos.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** The two buffers of a connection hand on every byte once and in order, and free their memory. */
class BufferProperties {
    private byte next; // each byte is one more than the byte before it

    private byte[] bytes(final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = next++;
        }
        return bytes;
    }

    /** Netty's part of one read: as many of these bytes as have room. Returns their number. */
    private static int receive(final ReceiveBuffer buffer, final byte[] bytes) {
        final ByteBuf target = buffer.newHandle().allocate(UnpooledByteBufAllocator.DEFAULT);
        final int length = Math.min(bytes.length, target.writableBytes());
        target.writeBytes(bytes, 0, length);
        target.release();
        return length;
    }

    @Property
    void bytes_are_consumed_in_the_order_in_which_they_were_received(
            @ForAll @Size(max = 60) final List<@IntRange(max = 50) Integer> reads,
            @ForAll @Size(min = 1, max = 20) final List<@IntRange(min = 1, max = 60) Integer> consumes) {
        final ReceiveBuffer buffer = new ReceiveBuffer(64);
        final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        final ByteArrayOutputStream consumed = new ByteArrayOutputStream();
        for (int i = 0; i < reads.size(); i++) {
            final byte[] bytes = bytes(reads.get(i));
            sent.write(bytes, 0, receive(buffer, bytes));
            if (i == reads.size() / 2) {
                buffer.ensureCapacity(100); // an incomplete frame is longer than the buffer
            }
            final int length = Math.min(consumes.get(i % consumes.size()), buffer.length());
            for (int at = 0; at < length; at++) {
                consumed.write(buffer.view().getByte(buffer.offset() + at));
            }
            buffer.consume(length);
        }
        final byte[] rest = new byte[buffer.length()];
        buffer.view().getBytes(buffer.offset(), rest);
        consumed.writeBytes(rest);
        buffer.release();
        assertThat(consumed.toByteArray()).isEqualTo(sent.toByteArray());
    }

    @Example
    void a_receive_buffer_is_full_when_nothing_is_consumed_and_has_room_again_afterwards() {
        final ReceiveBuffer buffer = new ReceiveBuffer(64);
        assertThat(receive(buffer, new byte[100])).isEqualTo(64);
        assertThat(buffer.isFull()).isTrue();
        assertThat(receive(buffer, new byte[1])).isZero();
        buffer.consume(60);
        assertThat(buffer.isFull()).isFalse();
        assertThat(receive(buffer, new byte[100])).isEqualTo(60); // the 4 that are left were moved to the front
        buffer.release();
    }

    @Example
    void a_receive_buffer_that_is_released_twice_frees_its_memory_once() {
        final long before = UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        final ReceiveBuffer buffer = new ReceiveBuffer(64);
        buffer.ensureCapacity(1_000);
        buffer.release();
        buffer.release();
        assertThat(UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isEqualTo(before);
    }

    private static boolean write(final SendBuffer buffer, final byte[] frame) {
        final UnsafeBuffer room = buffer.reserve(frame.length);
        if (room == null) {
            return false;
        }
        room.putBytes(buffer.offset(), frame);
        buffer.commit();
        return true;
    }

    private static void takeInto(final ByteArrayOutputStream taken, final SendBuffer buffer) {
        final ByteBuf bytes = buffer.take();
        final byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy);
        taken.writeBytes(copy);
        bytes.release();
    }

    @Property
    void frames_are_taken_whole_and_in_order_and_only_a_full_buffer_refuses_one(
            @ForAll @Size(max = 40) final List<@IntRange(min = 1, max = 90) Integer> frames,
            @ForAll @IntRange(min = 1, max = 7) final int framesPerTake) {
        final SendBuffer buffer = new SendBuffer(400);
        final ByteArrayOutputStream accepted = new ByteArrayOutputStream();
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        for (int i = 0; i < frames.size(); i++) {
            final byte[] frame = bytes(frames.get(i));
            final boolean fits = buffer.offset() + frame.length <= 200;
            assertThat(write(buffer, frame)).isEqualTo(fits);
            if (fits) {
                accepted.writeBytes(frame);
            }
            if (i % framesPerTake == framesPerTake - 1 && !buffer.isEmpty()) {
                takeInto(taken, buffer);
                assertThat(buffer.isSettled()).isTrue();
            }
        }
        if (!buffer.isEmpty()) {
            takeInto(taken, buffer);
        }
        assertThat(buffer.release()).isZero();
        assertThat(taken.toByteArray()).isEqualTo(accepted.toByteArray());
    }

    @Example
    void a_send_buffer_shows_how_far_the_socket_is_and_counts_what_it_did_not_take() {
        final SendBuffer buffer = new SendBuffer(400);
        write(buffer, new byte[30]);
        write(buffer, new byte[40]);
        final ByteBuf taken = buffer.take();
        assertThat(buffer.takenFrames()).isEqualTo(2);
        assertThat(buffer.isSettled()).isFalse();
        assertThat(buffer.progress()).isZero();
        taken.skipBytes(35);
        assertThat(buffer.progress()).isEqualTo(35);
        write(buffer, new byte[10]);
        assertThat(buffer.release()).isEqualTo(3); // nothing is known about the two in the socket
        taken.release();
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Example
    void a_send_buffer_frees_its_memory_once_the_socket_is_done() {
        final long before = UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        final SendBuffer buffer = new SendBuffer(1 << 20);
        final byte[] frame = new byte[100_000];
        new UnsafeBuffer(frame).putInt(0, frame.length, ByteOrder.LITTLE_ENDIAN); // longer than a chunk
        write(buffer, frame);
        final ByteBuf taken = buffer.take();
        write(buffer, frame);
        buffer.release();
        taken.release();
        assertThat(UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isEqualTo(before);
    }
}
