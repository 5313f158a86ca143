package io.paxos.transport.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.paxos.spi.IgnoredMessages;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Each reason for which a frame is refused, and what a frame costs. */
class FrameTest {
    private static final FrameIdentity SENDER = new FrameIdentity(1, 2, 3, 4);

    private final ReceivedMessages received = new ReceivedMessages();
    private final OneFrame frame = new OneFrame(2_000);
    private final LamportClock clock = new LamportClock();

    private FrameVerdict read(final FrameIdentity sender, final FrameIdentity reader) {
        new FrameWriter(sender, new LamportClock(), frame).ping(sender.self(), 9);
        return readAs(reader);
    }

    private FrameVerdict readAs(final FrameIdentity identity) {
        return new FrameReader(identity, 1_000, clock, sender -> sender == 4)
                .read(frame.buffer, OneFrame.OFFSET, frame.length, received);
    }

    /** Writes one byte of the newest frame and makes the checksum right again: a writer with a fault. */
    private void forge(final int offset, final int value) {
        frame.buffer.putByte(OneFrame.OFFSET + offset, (byte) value);
        final int crc = new Checksum().of(frame.buffer, OneFrame.OFFSET + 8, frame.length - 8);
        frame.buffer.putInt(OneFrame.OFFSET + 4, crc, LITTLE_ENDIAN);
    }

    @Test
    void a_frame_of_another_cluster_group_epoch_or_sender_is_refused() {
        assertThat(read(SENDER, new FrameIdentity(9, 2, 3, 1))).isEqualTo(FrameVerdict.FOREIGN_CLUSTER);
        assertThat(read(SENDER, new FrameIdentity(1, 9, 3, 1))).isEqualTo(FrameVerdict.FOREIGN_GROUP);
        assertThat(read(SENDER, new FrameIdentity(1, 2, 9, 1))).isEqualTo(FrameVerdict.WRONG_EPOCH);
        assertThat(read(new FrameIdentity(1, 2, 3, 5), new FrameIdentity(1, 2, 3, 1)))
                .isEqualTo(FrameVerdict.WRONG_SENDER);
        assertThat(received.count()).isZero();
        assertThat(clock.time()).isZero();
    }

    @Test
    void a_frame_of_a_faulty_writer_is_refused() {
        read(SENDER, SENDER);
        forge(8, 2);
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.UNKNOWN_FORMAT);
        forge(8, 1);
        forge(9, MessageType.values().length + 1);
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.UNKNOWN_TYPE);
        forge(9, 0);
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.UNKNOWN_TYPE);
        forge(9, -1);
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.UNKNOWN_TYPE);
        forge(9, 1); // prepare has two longs, ping one
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.MALFORMED);
        forge(9, 12); // a forward may be as long as it likes
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.DELIVERED);
        forge(35, 0x80); // Lamport time below zero
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.MALFORMED);
        assertThat(received.count()).isEqualTo(2);
    }

    @Test
    void a_flag_is_0_or_1() {
        new FrameWriter(SENDER, new LamportClock(), frame).pong(4, 1, 2, true, 3);
        forge(36 + 16, 2);
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.MALFORMED);
        forge(36 + 16, 0);
        assertThat(readAs(SENDER)).isEqualTo(FrameVerdict.DELIVERED);
        assertThat(received.last()).containsExactly("pong", 4, 1L, 2L, false, 3L);
    }

    @Test
    void a_value_that_is_too_long_is_refused_by_its_length_alone() {
        final FrameReader reader = new FrameReader(SENDER, 1_000, clock, sender -> true);
        final int longest = FrameLayout.frameLengthMax(1_000);
        assertThat(reader.checkLength(longest)).isEqualTo(FrameVerdict.DELIVERED);
        assertThat(reader.checkLength(longest + 1)).isEqualTo(FrameVerdict.OVERSIZED);
        assertThat(reader.checkLength(FrameLayout.HEADER_LENGTH - 1)).isEqualTo(FrameVerdict.MALFORMED);
        assertThat(reader.checkLength(-1)).isEqualTo(FrameVerdict.MALFORMED);
    }

    @Test
    void a_message_is_dropped_if_the_sink_is_full() {
        new FrameWriter(SENDER, clock, frame).forward(4, new UnsafeBuffer(new byte[3_000]), 0, 3_000);
        assertThat(frame.length).isZero();
        assertThat(clock.time()).isZero();
    }

    @Test
    void the_layout_is_the_documented_one() {
        final LamportClock later = new LamportClock();
        later.witness(99);
        new FrameWriter(new FrameIdentity(0x1122334455667788L, 5, 6, 0xABCD), later, frame).ping(0xABCD, 7);
        final UnsafeBuffer bytes = new UnsafeBuffer(frame.buffer, OneFrame.OFFSET, frame.length);
        assertThat(frame.length).isEqualTo(44);
        assertThat(bytes.getInt(0, LITTLE_ENDIAN)).isEqualTo(44);
        assertThat(bytes.getByte(8)).isEqualTo((byte) 1);
        assertThat(bytes.getByte(9)).isEqualTo((byte) 10);
        assertThat(bytes.getShort(10, LITTLE_ENDIAN)).isEqualTo((short) 0xABCD);
        assertThat(bytes.getLong(12, LITTLE_ENDIAN)).isEqualTo(0x1122334455667788L);
        assertThat(bytes.getInt(20, LITTLE_ENDIAN)).isEqualTo(5);
        assertThat(bytes.getInt(24, LITTLE_ENDIAN)).isEqualTo(6);
        assertThat(bytes.getLong(28, LITTLE_ENDIAN)).isEqualTo(101);
        assertThat(bytes.getLong(36, LITTLE_ENDIAN)).isEqualTo(7);
    }

    @Test
    void a_replica_id_has_two_bytes_and_is_not_zero() {
        assertThatThrownBy(() -> new FrameIdentity(0, 0, 0, 0)).hasMessage("replica id 0 is not in 1..65535");
        assertThatThrownBy(() -> new FrameIdentity(0, 0, 0, 65_536)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_clock_is_past_every_time_that_it_received() {
        assertThat(clock.tick()).isEqualTo(1);
        clock.witness(10);
        assertThat(clock.tick()).isEqualTo(12);
        clock.witness(3);
        assertThat(clock.time()).isEqualTo(13);
    }

    @Test
    void writing_and_reading_a_message_allocates_nothing() {
        final FrameWriter writer = new FrameWriter(SENDER, clock, frame);
        final FrameReader reader = new FrameReader(SENDER, 1_000, clock, sender -> sender == 4);
        final Sum receiver = new Sum();
        final UnsafeBuffer value = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
        for (int i = 0; i < 20_000; i++) {
            exchange(writer, reader, receiver, value);
        }
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        final long before = threads.getThreadAllocatedBytes(thread);
        final long own = threads.getThreadAllocatedBytes(thread) - before;
        final long start = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < 100_000; i++) {
            exchange(writer, reader, receiver, value);
        }
        final long allocated = threads.getThreadAllocatedBytes(thread) - start - own;
        assertThat(receiver.total).isPositive();
        assertThat(allocated / 100_000)
                .as("bytes per exchange of three messages")
                .isZero();
    }

    private void exchange(
            final FrameWriter writer, final FrameReader reader, final Sum receiver, final UnsafeBuffer value) {
        writer.accept(4, 1 << 16 | 4, 2, 1, value, 0, value.capacity());
        reader.read(frame.buffer, OneFrame.OFFSET, frame.length, receiver.messages);
        writer.accepted(4, 1 << 16 | 4, 2, 2);
        reader.read(frame.buffer, OneFrame.OFFSET, frame.length, receiver.messages);
        writer.pong(4, 1, 2, true, 3);
        reader.read(frame.buffer, OneFrame.OFFSET, frame.length, receiver.messages);
    }

    /** A receiver that leaves no garbage. */
    private static final class Sum {
        long total;
        final IgnoredMessages messages = new IgnoredMessages() {
            @Override
            public void accept(
                    final int from,
                    final long ballot,
                    final long slot,
                    final long chosenThrough,
                    final DirectBuffer value,
                    final int offset,
                    final int length) {
                total += length;
            }
        };
    }
}
