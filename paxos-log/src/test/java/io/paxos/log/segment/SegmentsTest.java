package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SegmentsTest {
    @TempDir
    Path directory;

    /** L23: RATIS-1674, RATIS-840: what is held of a log does not grow with the log. */
    @Test
    void only_so_many_are_open_and_all_can_be_read() throws IOException {
        try (Segments segments = new Segments(3)) {
            for (int number = 5; number < 15; number++) {
                segments.add(number, 1, Files.write(directory.resolve("" + number), new byte[] {(byte) number}), 1);
            }
            assertThat(segments.nextNumber()).isEqualTo(15);
            final ByteBuffer one = ByteBuffer.allocate(1);
            for (int round = 0; round < 3; round++) {
                for (int number = 5; number < 15; number++) {
                    segments.read(number, one.clear(), 0, 1);
                    assertThat(one.get(0)).isEqualTo((byte) number);
                    assertThat(segments.openCount()).isLessThanOrEqualTo(3);
                }
            }
        }
    }

    @Test
    void a_read_ends_where_the_file_ends() throws IOException {
        try (Segments segments = new Segments()) {
            segments.add(1, 1, Files.write(directory.resolve("1"), new byte[] {1, 2, 3}), 1);
            final ByteBuffer bytes = ByteBuffer.allocate(8);
            segments.read(1, bytes, 1, 8);
            assertThat(bytes.position()).isEqualTo(2);
        }
    }

    @Test
    void a_read_by_an_interrupted_thread_succeeds_and_the_thread_stays_interrupted() throws IOException {
        try (Segments segments = new Segments()) {
            segments.add(1, 1, Files.write(directory.resolve("1"), new byte[] {1, 2, 3}), 1);
            final ByteBuffer bytes = ByteBuffer.allocate(3);
            Thread.currentThread().interrupt();
            segments.read(1, bytes, 0, 3);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(bytes.get(2)).isEqualTo((byte) 3);
        }
    }

    /** F20: Linux cannot read the first page of this file, as little as that of a broken disk. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void a_page_that_cannot_be_read_is_an_exception() {
        try (Segments segments = new Segments()) {
            segments.add(1, 1, Path.of("/proc/self/mem"), 1);
            assertThatThrownBy(() -> segments.read(1, ByteBuffer.allocate(64), 0, 64))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Input/output error");
        }
    }
}
