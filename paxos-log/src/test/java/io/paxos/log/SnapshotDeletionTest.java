package io.paxos.log;

import static io.paxos.log.Logs.small;
import static io.paxos.log.SnapshotLogs.await;
import static io.paxos.log.SnapshotLogs.content;
import static io.paxos.log.SnapshotLogs.read;
import static io.paxos.log.SnapshotLogs.writeDurably;
import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.segment.Disk;
import io.paxos.spi.SnapshotStore.Input;
import io.paxos.spi.SnapshotStore.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens at the moment at which an old snapshot is deleted, because a newer one is durable. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class SnapshotDeletionTest {
    @TempDir
    Path temporary;

    private final CountDownLatch deleting = new CountDownLatch(1);
    private final CountDownLatch mayDelete = new CountDownLatch(1);

    /** Deletions of snapshots wait until they may. */
    private final Disk disk = new Disk() {
        @Override
        public void delete(final Path file) throws IOException {
            if (file.getFileName().toString().startsWith("snapshot-") && mayDelete.getCount() > 0) {
                deleting.countDown();
                try {
                    mayDelete.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            super.delete(file);
        }
    };

    private static Output begin(final ChronicleLog log, final long slot, final Semaphore woken) {
        final byte[] content = content(slot, 100);
        final Output output = log.snapshots().begin(slot, woken::release);
        output.write(new UnsafeBuffer(content), 0, content.length);
        output.finish();
        return output;
    }

    /** The replica gives up its own one, which is durable already, in order to receive a newer one. */
    @Test
    void another_snapshot_can_be_received_meanwhile() throws InterruptedException {
        try (ChronicleLog log = small(temporary.resolve("log")).disk(disk).open()) {
            writeDurably(log, 10, content(10, 100));
            writeDurably(log, 20, content(20, 100));
            final Semaphore woken = new Semaphore(0);
            final Output own = begin(log, 30, woken);
            deleting.await();
            own.abandon();
            try {
                log.snapshots().receive(40, 77, () -> {});
            } finally {
                mayDelete.countDown();
            }
            assertThat(await(own, woken).state()).isEqualTo(Output.State.DURABLE);
        }
    }

    @Test
    void a_second_old_one_that_is_opened_meanwhile_stays() throws InterruptedException {
        try (ChronicleLog log = small(temporary.resolve("log")).disk(disk).open()) {
            writeDurably(log, 10, content(10, 100));
            writeDurably(log, 15, content(15, 100));
            final Input first = log.snapshots().open(10);
            final Input second = log.snapshots().open(15);
            writeDurably(log, 20, content(20, 100));
            writeDurably(log, 25, content(25, 100));
            first.close();
            second.close();
            final Semaphore woken = new Semaphore(0);
            final Output own = begin(log, 30, woken);
            deleting.await();
            final long old = log.snapshots().slots()[log.snapshots().slots().length - 1];
            try (Input input = log.snapshots().open(old)) {
                mayDelete.countDown();
                await(own, woken);
                assertThat(log.snapshots().slots()).containsExactly(30, 25, old);
                assertThat(input.length()).isEqualTo(100);
            }
            assertThat(read(log, old)).isEqualTo(content(old, 100));
        }
    }
}
