package io.paxos.log;

import static io.paxos.log.Logs.read;
import static io.paxos.log.Logs.small;
import static io.paxos.log.Logs.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessDeathTest {
    private static final int ROUNDS = 3;

    @TempDir
    Path directory;

    /** Appends without end, and prints which slots are durable. */
    static final class Writer {
        private Writer() {}

        public static void main(final String[] arguments) {
            try (ChronicleLog log = small(Path.of(arguments[0])).open()) {
                long printed = log.lastSlot();
                long slot = printed;
                while (true) {
                    for (int i = 0; i < 20; i++) {
                        Logs.accept(log, 5, ++slot);
                    }
                    log.sync();
                    final long durable = slot - (log.appendedPosition() - log.durablePosition());
                    if (durable > printed) { // too low if opening records of segments are not durable, never too high
                        printed = durable;
                        System.out.println("durable " + printed);
                    }
                }
            }
        }
    }

    @Test
    void what_was_durable_survives_the_sudden_death_of_the_process() throws IOException, InterruptedException {
        long durable = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            final Process process = ChildJvm.start(Writer.class, directory.toString());
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                String line = output.readLine();
                for (int lines = 1; line != null; lines++) {
                    if (line.startsWith("durable ")) {
                        durable = Long.parseLong(line.substring("durable ".length()));
                    }
                    if (lines == 60 * round) {
                        process.toHandle().destroyForcibly(); // the lines that it prints until it is dead count too
                    }
                    line = output.readLine();
                }
            }
            assertThat(process.waitFor()).isEqualTo(128 + 9);
            try (ChronicleLog log = small(directory).open()) {
                assertThat(log.incarnation()).isEqualTo(2 * round);
                assertThat(log.lastSlot()).isGreaterThanOrEqualTo(durable);
                for (long slot = 1; slot <= log.lastSlot(); slot++) {
                    assertThat(read(log, slot)).isEqualTo(value(5, slot));
                }
            }
        }
        assertThat(durable).isGreaterThan(500);
    }

    @Test
    void a_directory_in_use_by_another_process_is_refused() throws IOException, InterruptedException {
        final Process process = ChildJvm.start(Writer.class, directory.toString());
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.lines().filter(line -> line.startsWith("durable")).findFirst())
                    .isPresent();
            assertThatThrownBy(() -> small(directory).open())
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("in use by another process");
        } finally {
            process.destroyForcibly().waitFor();
        }
        small(directory).open().close();
    }
}
