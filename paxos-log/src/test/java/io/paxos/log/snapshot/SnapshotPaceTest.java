package io.paxos.log.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.log.ChronicleLog;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SnapshotPaceTest {
    private final AtomicLong appended = new AtomicLong(1000);
    private final SnapshotPace pace = new SnapshotPace(appended::get);

    @Test
    void while_the_log_is_in_use_the_disk_is_its_own_for_three_quarters_of_the_time() {
        pace.worked(3_000_000);
        pace.worked(1_000_000);
        appended.addAndGet(1);
        assertThat(pace.restNs()).isEqualTo(12_000_000);
        pace.worked(2_000_000);
        appended.addAndGet(1);
        assertThat(pace.restNs()).isEqualTo(6_000_000);
    }

    @Test
    void while_the_log_is_not_in_use_there_is_no_rest() {
        pace.worked(3_000_000);
        assertThat(pace.restNs()).isZero();
        appended.addAndGet(1);
        assertThat(pace.restNs()).isZero(); // what was before the last look does not count
    }

    @Test
    void a_disk_that_hangs_once_holds_a_snapshot_up_for_a_tenth_of_a_second_more() {
        pace.worked(60_000_000_000L);
        appended.addAndGet(1);
        assertThat(pace.restNs()).isEqualTo(100_000_000);
    }

    @Test
    void the_snapshots_of_a_log_are_paced_by_what_is_appended_to_it(@TempDir final Path directory) {
        try (ChronicleLog log =
                ChronicleLog.builder(directory.resolve("log"), 7, 1).open()) {
            final SnapshotPace itsPace = ((SnapshotFiles) log.snapshots()).newPace();
            itsPace.worked(1_000_000);
            assertThat(itsPace.restNs()).isZero();
            log.promise(5);
            log.sync();
            itsPace.worked(1_000_000);
            assertThat(itsPace.restNs()).isEqualTo(3_000_000);
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void a_rest_ends_when_the_snapshot_is_given_up() throws InterruptedException {
        final SnapshotChunks chunks = new SnapshotChunks();
        final Thread other = new Thread(chunks::abandon);
        other.start();
        chunks.rest(60_000_000_000L);
        other.join();
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void there_is_no_rest_once_the_log_is_near_its_budget() throws InterruptedException {
        final SnapshotChunks chunks = new SnapshotChunks();
        final Thread other = new Thread(chunks::hurry);
        other.start();
        chunks.rest(60_000_000_000L);
        other.join();
        chunks.rest(60_000_000_000L);
    }
}
