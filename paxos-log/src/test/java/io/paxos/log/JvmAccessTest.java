package io.paxos.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmAccessTest {
    @TempDir
    Path temporary;

    /** Opens a log and says how that went. */
    static final class Opener {
        private Opener() {}

        public static void main(final String[] arguments) {
            try (ChronicleLog log = ChronicleLog.open(Path.of(arguments[0]), 1, 1)) {
                System.out.println("opened " + log.incarnation());
            } catch (LogException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void a_jvm_without_the_flags_is_told_each_of_them_before_anything_is_touched() throws IOException {
        final Path directory = temporary.resolve("log");
        final String sent = ChildJvm.output(ChildJvm.start(Opener.class, false, directory.toString()));
        assertThat(sent.strip())
                .isEqualTo("add to the java command line: --add-opens=java.base/java.lang.reflect=ALL-UNNAMED"
                        + " --add-opens=java.base/sun.nio.ch=ALL-UNNAMED"
                        + " --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");
        assertThat(Files.exists(directory)).isFalse();
    }

    @Test
    void a_jvm_with_the_flags_opens_the_log() throws IOException {
        final Path directory = temporary.resolve("log");
        assertThat(ChildJvm.output(ChildJvm.start(Opener.class, true, directory.toString())))
                .contains("opened 1");
    }
}
