package io.paxos.transport.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** What holds for every message and for any bytes. */
class FrameProperties {
    private static final int VALUE_LENGTH_MAX = 300;

    private final ReceivedMessages sent = new ReceivedMessages();
    private final ReceivedMessages received = new ReceivedMessages();
    private final OneFrame frame = new OneFrame(1_000);

    @Property
    void every_message_arrives_with_the_fields_that_it_was_sent_with(
            @ForAll final MessageType type,
            @ForAll @IntRange(min = 1, max = FrameIdentity.REPLICA_ID_MAX) final int from,
            @ForAll final long cluster,
            @ForAll final int group,
            @ForAll final int epoch,
            @ForAll final long a,
            @ForAll final long b,
            @ForAll final long c,
            @ForAll @Size(max = VALUE_LENGTH_MAX) final byte[] value) {
        final FrameIdentity sender = new FrameIdentity(cluster, group, epoch, from);
        final LamportClock ours = new LamportClock();
        final FrameReader reader = reader(new FrameIdentity(cluster, group, epoch, 7), ours, from);
        SampleMessages.send(type, from, a, b, c, value, sent);
        SampleMessages.send(type, from, a, b, c, value, new FrameWriter(sender, new LamportClock(), frame));
        final FrameVerdict verdict = reader.read(frame.buffer, OneFrame.OFFSET, frame.length, received);
        assertThat(verdict).isEqualTo(FrameVerdict.DELIVERED);
        assertThat(received.messages()).isEqualTo(sent.messages());
        assertThat(ours.time()).isEqualTo(2); // past the 1 that was received
    }

    @Property
    void a_damaged_frame_is_refused_and_nothing_is_delivered(
            @ForAll final MessageType type,
            @ForAll final long seed,
            @ForAll @IntRange(min = 1, max = 12) final int flips,
            @ForAll @Size(max = VALUE_LENGTH_MAX) final byte[] value) {
        final FrameIdentity sender = new FrameIdentity(1, 2, 3, 4);
        SampleMessages.send(type, 4, seed, 2, 3, value, new FrameWriter(sender, new LamportClock(), frame));
        final Random random = new Random(seed);
        final byte[] original = ReceivedMessages.copy(frame.buffer, OneFrame.OFFSET, frame.length)
                .array();
        for (int i = 0; i < flips; i++) {
            final int at = OneFrame.OFFSET + random.nextInt(frame.length);
            frame.buffer.putByte(at, (byte) (frame.buffer.getByte(at) ^ 1 << random.nextInt(8)));
        }
        final byte[] damaged = ReceivedMessages.copy(frame.buffer, OneFrame.OFFSET, frame.length)
                .array();
        if (Arrays.equals(original, damaged)) {
            return; // flipped there and back
        }
        final FrameVerdict verdict =
                reader(sender, new LamportClock(), 4).read(frame.buffer, OneFrame.OFFSET, frame.length, received);
        assertThat(verdict).isNotEqualTo(FrameVerdict.DELIVERED);
        assertThat(received.count()).isZero();
    }

    @Property
    void a_frame_cut_short_is_refused(
            @ForAll final MessageType type,
            @ForAll @IntRange(max = 400) final int keep,
            @ForAll @Size(max = VALUE_LENGTH_MAX) final byte[] value) {
        final FrameIdentity sender = new FrameIdentity(1, 2, 3, 4);
        SampleMessages.send(type, 4, 1, 2, 3, value, new FrameWriter(sender, new LamportClock(), frame));
        final int length = Math.min(keep, frame.length - 1);
        final FrameReader reader = reader(sender, new LamportClock(), 4);
        assertThat(reader.read(frame.buffer, OneFrame.OFFSET, length, received)).isEqualTo(FrameVerdict.MALFORMED);
        if (length >= Integer.BYTES) {
            frame.buffer.putInt(OneFrame.OFFSET, length, ByteOrder.LITTLE_ENDIAN); // and says so
            assertThat(reader.read(frame.buffer, OneFrame.OFFSET, length, received))
                    .isIn(FrameVerdict.MALFORMED, FrameVerdict.BAD_CRC);
        }
        assertThat(received.count()).isZero();
    }

    @Property
    void garbage_is_refused(@ForAll @Size(max = 600) final byte[] garbage, @ForAll final boolean rightLength) {
        final UnsafeBuffer buffer = new UnsafeBuffer(garbage);
        if (rightLength && garbage.length >= Integer.BYTES) {
            buffer.putInt(0, garbage.length, ByteOrder.LITTLE_ENDIAN);
        }
        final FrameReader reader = reader(new FrameIdentity(0, 0, 0, 1), new LamportClock(), 2);
        assertThat(reader.read(buffer, 0, garbage.length, received)).isNotEqualTo(FrameVerdict.DELIVERED);
        assertThat(received.count()).isZero();
    }

    private static FrameReader reader(final FrameIdentity self, final LamportClock clock, final int from) {
        return new FrameReader(self, VALUE_LENGTH_MAX, clock, sender -> sender == from);
    }
}
