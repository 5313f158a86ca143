package io.paxos.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.ReplicaListener;
import io.paxos.Status;
import io.paxos.log.Durability;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A benchmark can trim: the log of a member stays within its budget. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
final class PaxosMemberTest {
    private static final long BUDGET_BYTES = 64 << 20;
    private static final int COMMAND_BYTES = 64 << 10;
    private static final int COMMANDS = 2_500; // 164 MB

    @Test
    void commands_of_more_than_two_budgets_pass_through_a_log_that_is_trimmed(@TempDir final Path directory)
            throws InterruptedException {
        final CountDownLatch leads = new CountDownLatch(1);
        final AtomicLong chosen = new AtomicLong();
        final AtomicLong failed = new AtomicLong();
        final Replies replies = new Replies() {
            @Override
            public void chosen(final long sequence, final long count) {
                chosen.set(count);
            }

            @Override
            public void failed(final long sequence) {
                failed.incrementAndGet();
            }
        };
        final PaxosMember.Options options = new PaxosMember.Options(
                Durability.REPLICATED, 0, 0, 0, 0, Keeping.of(8 << 20, null, BUDGET_BYTES, 300_000));
        try (PaxosMember member = new PaxosMember(
                1, PaxosMember.freeAddresses(List.of(1)), directory, options, replies, new ReplicaListener() {
                    @Override
                    public void onRole(final Status.Role role, final int leaderId, final long ballot) {
                        if (role == Status.Role.LEADER) {
                            leads.countDown();
                        }
                    }
                })) {
            assertThat(leads.await(30, TimeUnit.SECONDS)).isTrue();
            final UnsafeBuffer command = new UnsafeBuffer(new byte[COMMAND_BYTES]);
            for (long sequence = 1; sequence <= COMMANDS; sequence++) {
                command.putLong(0, sequence, ByteOrder.LITTLE_ENDIAN);
                while (!member.submit(command, 0, COMMAND_BYTES)) {
                    LockSupport.parkNanos(100_000);
                }
            }
            while (chosen.get() + failed.get() < COMMANDS) {
                LockSupport.parkNanos(1_000_000);
            }

            final Status status = member.status();
            assertThat(status.firstSlot()).isGreaterThan(1);
            assertThat(status.snapshotBytes()).isGreaterThan(300_000);
            assertThat(status.logBytes()).isLessThanOrEqualTo(BUDGET_BYTES + BUDGET_BYTES / 8);
        }
    }
}
