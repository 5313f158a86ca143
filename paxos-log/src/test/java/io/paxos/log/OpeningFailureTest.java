package io.paxos.log;

import static io.paxos.log.Logs.accept;
import static io.paxos.log.Logs.small;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paxos.log.segment.OpeningFailure;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory that cannot be used is refused by one line that names the file, the cause and what to do. */
class OpeningFailureTest {
    private static final String SETPRIV = "/usr/bin/setpriv";

    @TempDir
    Path temporary;

    private void requireRefused(final Path directory, final String told) {
        assertThatThrownBy(() -> small(directory).open())
                .isInstanceOf(LogException.class)
                .hasMessage("cannot open the log in " + directory + ": " + told);
    }

    @Nested
    class What_stands_in_the_way {
        /** Field report G3. */
        @Test
        void a_dangling_link_is_named_with_its_missing_target() throws IOException {
            final Path link = Files.createSymbolicLink(temporary.resolve("link"), Path.of("gone"));
            final String told = link + " is a symbolic link to " + temporary.resolve("gone")
                    + ", which does not exist: create that directory, or correct the link";
            requireRefused(link, told);
            requireRefused(link.resolve("below"), told);
        }

        @Test
        void a_link_to_a_directory_is_none() throws IOException {
            final Path real = Files.createDirectory(temporary.resolve("real"));
            final Path link = Files.createSymbolicLink(temporary.resolve("link"), real);
            small(link).open().close();
            small(real).open().close();
        }

        @Test
        void a_file_where_a_directory_has_to_be_is_named() throws IOException {
            final Path file = Files.createFile(temporary.resolve("file"));
            final String told = file + " is a file, not a directory: choose another directory";
            requireRefused(file, told);
            requireRefused(file.resolve("below"), told);
        }

        @ParameterizedTest
        @ValueSource(strings = {"LOCK", "WATERMARK"})
        void a_directory_where_a_file_has_to_be_is_named(final String name) throws IOException {
            final Path inTheWay = Files.createDirectory(temporary.resolve(name));
            requireRefused(temporary, inTheWay + " is a directory where a file has to be: move it away");
        }
    }

    /** In a JVM of its own: as root it gives up the right to pass over permissions. */
    @Nested
    class What_may_not_be_used {
        private Path directory;

        @BeforeEach
        void writeLog() {
            directory = temporary.resolve("log");
            try (ChronicleLog log = ChronicleLog.open(directory, 1, 1)) {
                accept(log, 5, 1);
            }
        }

        @ParameterizedTest
        @CsvSource({"---------,.", "r-x------,.", "---------,WATERMARK", "r--------,WATERMARK", "---------,00000001"})
        void is_named_with_the_user(final String permissions, final String name) throws IOException {
            final Path denied = directory.resolve(name).normalize();
            assertThat(openWith(denied, permissions))
                    .startsWith("cannot open the log in " + directory + ": " + denied)
                    .contains(" denies access to user ")
                    .endsWith(": change its owner or its permissions");
        }

        @Test
        void is_a_segment_too() throws IOException {
            final Path segment = Logs.segments(directory).get(0);
            assertThat(openWith(segment, "---------"))
                    .startsWith("cannot read " + segment + ": " + segment + " denies access to user ")
                    .endsWith(": change its owner or its permissions");
        }

        private String openWith(final Path denied, final String permissions) throws IOException {
            final boolean isRoot = System.getProperty("user.name").equals("root");
            assumeTrue(!isRoot || Files.isExecutable(Path.of(SETPRIV)));
            final List<String> java = isRoot
                    ? List.of(SETPRIV, "--bounding-set=-dac_override,-dac_read_search", ChildJvm.JAVA.toString())
                    : List.of(ChildJvm.JAVA.toString());
            Files.setPosixFilePermissions(denied, PosixFilePermissions.fromString(permissions));
            try {
                final Process process =
                        ChildJvm.start(java, ChildJvm.ourFlags(), JvmAccessTest.Opener.class, directory.toString());
                return ChildJvm.output(process).strip();
            } finally {
                Files.setPosixFilePermissions(denied, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Read-only file system, mount it for writing",
        "Too many open files, raise the limit of open files",
        "No space left on device, free disk space",
        "Disk quota exceeded, free disk space",
        "Input/output error, check the disk"
    })
    void each_error_of_the_system_has_its_own_advice(final String error, final String advice) {
        final Path file = temporary.resolve("LOCK");
        assertThat(OpeningFailure.explained(temporary, new FileSystemException(file.toString(), null, error)))
                .hasMessageStartingWith("cannot open the log in " + temporary + ": ")
                .hasMessageContaining(file.toString())
                .hasMessageContaining(advice);
    }
}
