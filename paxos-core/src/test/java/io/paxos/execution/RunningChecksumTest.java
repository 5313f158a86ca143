package io.paxos.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunningChecksumTest {
    /** The definition: CRC32C of the checksum before, the slot, and the bytes; numbers as 8 bytes, little endian. */
    static long next(final long before, final long slot, final byte[] bytes) {
        final CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(before)
                .putLong(slot)
                .flip());
        crc.update(bytes);
        return crc.getValue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 8_175, 8_176, 8_177, 8_192, 20_000, 1 << 20})
    void is_the_crc_of_all_slots_and_their_bytes_however_long_they_are(final int length) {
        final byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        final RunningChecksum checksum = new RunningChecksum();
        long expected = 0;
        for (int slot = 1; slot <= 3; slot++) {
            checksum.begin(slot);
            checksum.add(new UnsafeBuffer(bytes), 0, length);
            checksum.end();
            expected = next(expected, slot, bytes);
            assertThat(checksum.value()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8_160, 8_168, 8_169, 8_176, 8_185})
    void numbers_and_bytes_may_follow_each_other_in_any_order(final int length) {
        final byte[] bytes = new byte[length + Long.BYTES];
        new Random(length).nextBytes(bytes);
        final RunningChecksum checksum = new RunningChecksum();
        checksum.begin(1);
        checksum.add(new UnsafeBuffer(bytes), 0, length);
        checksum.add(new UnsafeBuffer(bytes).getLong(length, ByteOrder.LITTLE_ENDIAN));
        checksum.end();
        assertThat(checksum.value()).isEqualTo(next(0, 1, bytes));
    }
}
