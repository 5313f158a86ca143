package io.paxos.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** 100 bytes are kept, 300 more may be gathered; byte n of the file is n. */
class SegmentTailTest {
    private static final int FIRST = 1000;

    private SegmentTail tail;

    @BeforeEach
    void make() throws StorageException {
        tail = new SegmentTail(100, 300);
        tail.reset(FIRST);
    }

    @AfterEach
    void close() {
        tail.close();
    }

    private void append(final int length) {
        tail.makeRoom(length);
        for (int i = 0; i < length; i++) {
            tail.buffer().putByte(tail.at(tail.end()) + i, (byte) (tail.end() + i));
        }
        tail.gather(length);
    }

    private void requireHeldFrom(final int least, final int most) {
        int first = tail.end();
        while (first > 0 && tail.holds(first - 1)) {
            first--;
        }
        assertThat(first).isBetween(most, least);
        for (int at = first; at < tail.end(); at++) {
            assertThat(tail.buffer().getByte(tail.at(at))).isEqualTo((byte) at);
        }
    }

    @Test
    void nothing_moves_while_there_is_room() {
        append(300);
        tail.allWritten();
        append(100);
        requireHeldFrom(FIRST, FIRST);
        assertThat(tail.gathered()).isEqualTo(100);
        assertThat(tail.written()).isEqualTo(1300);
    }

    @Test
    void what_was_written_last_stays() {
        append(300);
        tail.allWritten();
        append(150);
        requireHeldFrom(1200, FIRST + 1);
        assertThat(tail.gathered()).isEqualTo(150);
    }

    @Test
    void what_is_not_written_stays_however_much_it_is() {
        append(100);
        tail.allWritten();
        append(250);
        append(50);
        requireHeldFrom(1100, FIRST);
        tail.makeRoom(100);
        requireHeldFrom(1100, 1100);
        assertThat(tail.gathered()).isEqualTo(300);
    }

    @Test
    void another_file_begins_with_nothing() {
        append(200);
        tail.allWritten();
        tail.reset(64);
        requireHeldFrom(64, 64);
        append(10);
        requireHeldFrom(64, 64);
        assertThat(tail.holds(63)).isFalse();
    }
}
