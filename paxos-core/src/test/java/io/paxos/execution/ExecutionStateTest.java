package io.paxos.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a snapshot holds of execution. */
class ExecutionStateTest {
    private static ExecutionState state() {
        final ExecutionState state = new ExecutionState();
        for (long slot = 1; slot <= 3; slot++) {
            state.advanceTime(1_000 * slot);
            state.executed.isNew(7, 2, slot, 0);
            state.replies.begin(slot);
            state.replies.add(5 * slot);
            state.replies.end();
            state.values.begin(slot);
            state.values.add(slot);
            state.values.end();
            state.applied(slot);
        }
        return state;
    }

    @Test
    void is_the_same_after_it_was_written_and_read() {
        final ExecutionState read = new ExecutionState();
        read.read(state().bytes());
        assertThat(read.appliedThrough()).isEqualTo(3);
        assertThat(read.timeMs()).isEqualTo(3_000);
        assertThat(read.valuesChecksum()).isEqualTo(state().valuesChecksum()).isNotZero();
        assertThat(read.replies.value()).isEqualTo(state().replies.value()).isNotZero();
        assertThat(read.isExecuted(7, 2, 3)).isTrue();
        assertThat(read.isExecuted(7, 2, 4)).isFalse();
        assertThat(read.bytes()).isEqualTo(state().bytes());
    }

    @Test
    void refuses_bytes_of_something_else() {
        assertThatThrownBy(() -> new ExecutionState().read(new byte[31])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ExecutionState().read(new byte[40])).isInstanceOf(IllegalArgumentException.class);
    }
}
