package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientMemoryTest {
    private final ClientMemory memory = new ClientMemory(16 << 20);

    /** F14: many large replies that nobody reads do not stop small requests. */
    @Test
    void large_things_leave_room_for_small_ones() {
        assertThat(memory.take(8 << 20)).isTrue();
        assertThat(memory.take(2 << 20)).isFalse();
        assertThat(memory.take(1 << 20)).isTrue();
        for (int i = 0; i < 5; i++) {
            assertThat(memory.take(1 << 20)).isTrue();
        }
        assertThat(memory.take(1 << 20)).isFalse();
        for (int i = 0; i < 128; i++) {
            assertThat(memory.take(16 << 10)).isTrue();
        }
        assertThat(memory.take(1)).isFalse();
        assertThat(memory.used()).isEqualTo(memory.limit());
    }

    @Test
    void what_is_given_back_can_be_taken_again_and_a_shortage_is_told_once() {
        assertThat(memory.take(8 << 20)).isTrue();
        assertThat(memory.pollShortage()).isFalse();
        assertThat(memory.take(8 << 20)).isFalse();
        assertThat(memory.pollShortage()).isTrue();
        assertThat(memory.pollShortage()).isFalse();

        memory.correct(8 << 20, 100);
        assertThat(memory.used()).isEqualTo(100);
        memory.give(100);

        assertThat(memory.take(8 << 20)).isTrue();
    }

    /** F14: the bound comes from the heap. */
    @Test
    void a_quarter_of_the_heap_is_for_clients() {
        final ClientLimits small = ClientLimits.of(64L << 20, 0);
        final ClientLimits large = ClientLimits.of(4L << 30, 0);

        assertThat(small).isEqualTo(new ClientLimits(16 << 20, 256, 4 << 20, 0));
        assertThat(large).isEqualTo(new ClientLimits(1 << 30, 1000, 16 << 20, 0));
    }
}
