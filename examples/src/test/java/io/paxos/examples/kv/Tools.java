package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** Programs of others that tests use. {@code .ci/run} installs them, so in CI a missing one is a failure. */
final class Tools {
    private Tools() {}

    /** Skips the test with a message if a program is not installed. Fails it in CI. */
    static void require(final String program) {
        final boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
        if (!found) {
            missing(program + " is not installed: this test shows nothing; see .ci/run for what it needs");
        }
    }

    /** Something that this test needs is not there. */
    static void missing(final String message) {
        if (System.getenv("CI") != null) {
            fail(message);
        }
        System.err.println("SKIPPED: " + message);
        Assumptions.abort(message);
    }
}
