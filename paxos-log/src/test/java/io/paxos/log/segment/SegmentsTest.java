package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentsTest {
    @TempDir
    Path directory;

    /** L23: RATIS-1674, RATIS-840: what is held of a log does not grow with the log. */
    @Test
    void only_so_many_are_mapped_and_never_the_pinned_or_the_last_one_is_let_go() throws IOException {
        try (Segments segments = new Segments(3)) {
            for (int number = 5; number < 15; number++) {
                segments.add(number, Files.write(directory.resolve("" + number), new byte[] {(byte) number}));
            }
            assertThat(segments.nextNumber()).isEqualTo(15);
            final Segments.Segment last = segments.mapped(14);
            final Segments.Segment pinned = segments.mapped(5);
            segments.pin(pinned);
            for (int round = 0; round < 3; round++) {
                for (int number = 5; number < 14; number++) {
                    assertThat(segments.mapped(number).buffer().getByte(0)).isEqualTo((byte) number);
                    assertThat(segments.mappedCount()).isLessThanOrEqualTo(3);
                    assertThat(pinned.buffer().getByte(0)).isEqualTo((byte) 5);
                    assertThat(last.buffer().getByte(0)).isEqualTo((byte) 14);
                }
            }
        }
    }
}
