package io.paxos.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.Members;
import io.paxos.Outcome;
import io.paxos.Replica;
import io.paxos.statemachine.Command;
import io.paxos.statemachine.Reply;
import io.paxos.statemachine.StateMachine;
import io.paxos.transport.inprocess.InProcessNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** F40: what a replica needs of its JVM if neither Chronicle nor Netty is used. */
class FlagsTest {
    private static final String OPENS = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";
    private static final Path OWN = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Path NEWER = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");

    /** A replica alone, with an in-process transport and a log in memory, chooses a command. */
    static final class Alone {
        private Alone() {}

        public static void main(final String[] arguments) throws Exception {
            try (Replica replica = Replica.builder(1)
                    .members(Members.of(1))
                    .clusterId(1)
                    .bootstrap()
                    .log(new MemoryDisk(1 << 20).open())
                    .transport(new InProcessNetwork().transport(1))
                    .stateMachine(new Machine())
                    .start()) {
                final Outcome outcome = replica.submit(new byte[8]).get();
                System.out.println(outcome instanceof Outcome.Chosen ? "chosen" : outcome.toString());
            } catch (final IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static final class Machine implements StateMachine {
        @Override
        public void apply(final Command command, final Reply reply) {}

        @Override
        public void query(final DirectBuffer query, final int offset, final int length, final Reply reply) {}
    }

    static Stream<Path> jdks() {
        return Stream.of(OWN, NEWER).filter(Files::isExecutable).distinct();
    }

    /** F40: it was an IllegalAccessError without advice. */
    @ParameterizedTest
    @MethodSource("jdks")
    void a_jvm_without_the_flag_is_told_so_by_the_first_part_that_needs_it(final Path java) throws IOException {
        assertThat(said(java)).isEqualTo("add to the java command line: " + OPENS);
        assertThat(said(java, OPENS)).endsWith("chosen");
    }

    /** F40: the queues did not load. */
    @Test
    @EnabledIf("hasNewer")
    void a_jvm_that_denies_unsafe_memory_access_runs_a_replica() throws IOException {
        assertThat(said(NEWER, OPENS, "--sun-misc-unsafe-memory-access=deny")).endsWith("chosen");
    }

    static boolean hasNewer() {
        return Files.isExecutable(NEWER);
    }

    private static String said(final Path java, final String... flags) throws IOException {
        final List<String> command = new ArrayList<>(List.of(java.toString(), "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(flags));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Alone.class.getName()));
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream output = process.getInputStream()) {
            return new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
