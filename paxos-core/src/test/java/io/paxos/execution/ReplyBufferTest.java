package io.paxos.execution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplyBufferTest {
    /** F37: 100 MB for one reply were kept for ever. */
    @Test
    void gives_back_what_a_long_reply_has_needed() {
        final ReplyBuffer reply = new ReplyBuffer();
        reply.reserve(100 << 20).putByte((100 << 20) - 1, (byte) 1);
        assertThat(reply.length()).isEqualTo(100 << 20);
        reply.reset();
        assertThat(reply.buffer().capacity()).isLessThan(1 << 20);
        assertThat(reply.length()).isZero();
        reply.reserve(Long.BYTES).putLong(0, 7);
        assertThat(reply.buffer().getLong(0)).isEqualTo(7);
    }

    @Test
    void keeps_a_buffer_of_usual_length() {
        final ReplyBuffer reply = new ReplyBuffer();
        reply.reserve(1 << 19);
        final var buffer = reply.buffer();
        reply.reset();
        assertThat(reply.buffer()).isSameAs(buffer);
    }
}
