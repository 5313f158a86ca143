package io.paxos.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.spi.AcceptorLog;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.threads.Pauser;
import net.openhft.chronicle.wire.Wire;
import net.openhft.posix.PosixAPI;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;

/**
 * Each flag that the log needs is named if it is missing, before anything is touched: on the class path and as modules.
 */
class JvmAccessTest {
    private static final String ADVICE = "add to the java command line: ";
    private static final String UNSUPPORTED = "--add-modules=jdk.unsupported";
    private static final List<String> FOR_CLASS_PATH = flags("ALL-UNNAMED", "ALL-UNNAMED");
    private static final List<String> FOR_MODULES = flags("chronicle.core", "org.agrona");

    @TempDir
    Path temporary;

    /** Opens a log and prints how that went. */
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

    /** The JDK that runs the tests, and a newer one where there is one. */
    static Stream<Path> jdks() {
        final Path newer = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");
        return Stream.of(ChildJvm.JAVA, newer).filter(Files::isExecutable).distinct();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void a_jvm_without_flags_is_told_all_of_them_before_anything_is_touched(final Path java) throws IOException {
        assertThat(openOnClassPath(java, List.of())).isEqualTo(ADVICE + String.join(" ", FOR_CLASS_PATH));
        assertThat(Files.exists(directory())).isFalse();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void each_single_flag_that_is_missing_is_named(final Path java) throws IOException {
        for (final String missing : FOR_CLASS_PATH) {
            assertThat(openOnClassPath(java, without(FOR_CLASS_PATH, missing))).isEqualTo(ADVICE + missing);
        }
        assertThat(Files.exists(directory())).isFalse();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void a_jvm_with_the_flags_opens_the_log(final Path java) throws IOException {
        assertThat(openOnClassPath(java, FOR_CLASS_PATH)).endsWith("opened 1");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void on_the_module_path_flags_are_for_the_modules_that_need_them(final Path java) throws Exception {
        final String modulePath = modulePath();
        final List<String> all = new ArrayList<>(List.of(UNSUPPORTED));
        all.addAll(FOR_MODULES);
        assertThat(openAsModule(java, modulePath, List.of())).isEqualTo(ADVICE + String.join(" ", all));
        assertThat(openAsModule(java, modulePath, FOR_CLASS_PATH)).isEqualTo(ADVICE + String.join(" ", all));
        for (final String missing : all) {
            assertThat(openAsModule(java, modulePath, without(all, missing))).isEqualTo(ADVICE + missing);
        }
        assertThat(Files.exists(directory())).isFalse();
        assertThat(openAsModule(java, modulePath, all)).endsWith("opened 1");
    }

    private Path directory() {
        return temporary.resolve("log");
    }

    private String openOnClassPath(final Path java, final List<String> flags) throws IOException {
        return ChildJvm.output(ChildJvm.start(
                        List.of(java.toString()),
                        flags,
                        Opener.class,
                        directory().toString()))
                .strip();
    }

    private String openAsModule(final Path java, final String modulePath, final List<String> flags) throws IOException {
        final List<String> command =
                new ArrayList<>(List.of(java.toString(), "-XX:TieredStopAtLevel=1", "--module-path", modulePath));
        command.addAll(List.of("--add-modules", "org.slf4j"));
        command.addAll(flags);
        command.addAll(List.of(
                "-m", "application/" + Opener.class.getName(), directory().toString()));
        return ChildJvm.output(
                        new ProcessBuilder(command).redirectErrorStream(true).start())
                .strip();
    }

    /** Our own classes as one module, and the jars that they need. */
    private String modulePath() throws IOException, URISyntaxException {
        final Path application = temporary.resolve("application.jar");
        final Set<Path> ours = new LinkedHashSet<>();
        for (final Class<?> type : List.of(ChronicleLog.class, AcceptorLog.class, Opener.class)) {
            ours.add(location(type));
        }
        try (OutputStream file = Files.newOutputStream(application);
                JarOutputStream jar = new JarOutputStream(file)) {
            for (final Path location : ours) {
                addPackages(jar, location);
            }
        }
        final List<String> path = new ArrayList<>(List.of(application.toString()));
        ours.stream().filter(Files::isRegularFile).map(Path::toString).forEach(path::add);
        for (final Class<?> type : List.of(
                Bytes.class,
                Jvm.class,
                ChronicleQueue.class,
                Pauser.class,
                Wire.class,
                PosixAPI.class,
                DirectBuffer.class,
                Logger.class)) {
            path.add(location(type).toString());
        }
        return String.join(System.getProperty("path.separator"), path);
    }

    private static void addPackages(final JarOutputStream jar, final Path location) throws IOException {
        for (final String name : List.of("io/paxos/log", "io/paxos/spi")) {
            if (!Files.isDirectory(location.resolve(name))) {
                continue;
            }
            try (Stream<Path> paths = Files.walk(location.resolve(name))) {
                for (final Path path : paths.filter(Files::isRegularFile).toList()) {
                    jar.putNextEntry(new JarEntry(location.relativize(path).toString()));
                    Files.copy(path, jar);
                    jar.closeEntry();
                }
            }
        }
    }

    private static Path location(final Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static List<String> flags(final String chronicle, final String agrona) {
        return List.of(
                "--add-opens=java.base/java.lang.reflect=" + chronicle,
                "--add-opens=java.base/sun.nio.ch=" + chronicle,
                "--add-opens=java.base/jdk.internal.misc=" + agrona,
                "--add-exports=java.base/jdk.internal.ref=" + chronicle);
    }

    private static List<String> without(final List<String> flags, final String missing) {
        return flags.stream().filter(flag -> !flag.equals(missing)).toList();
    }
}
