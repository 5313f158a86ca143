package io.paxos.testkit.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** A headless browser. It opens a page from the disk and returns the state of the page. */
final class Browser {
    private static final String PROGRAM = "chromium";
    private static final int TIMEOUT_S = 90;
    private static final Pattern BODY = Pattern.compile("<body[^>]*>");

    private final Path directory;

    /** Uses this directory, and leaves files in it. */
    Browser(final Path directory) {
        this.directory = directory;
    }

    /** Skips the test with a message if there is no browser. Fails it in CI, where {@code .ci/run} installs one. */
    static void require() {
        final boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, PROGRAM)));
        if (found) {
            return;
        }
        final String message = PROGRAM + " is not installed, so the diagrams were not checked; see .ci/run";
        if (System.getenv("CI") != null) {
            fail(message);
        }
        System.err.println("SKIPPED: " + message);
        Assumptions.abort(message);
    }

    /** Opens a page. Returns the tag of its body, with all that the page reports. */
    Opened open(final Path page, final String hash) throws IOException, InterruptedException {
        final String dom = run(page, hash, "--dump-dom");
        final Matcher body = BODY.matcher(dom);
        if (!body.find()) {
            fail("no page came out of the browser for " + page + hash + ":\n" + dom);
        }
        return new Opened(body.group());
    }

    private String run(final Path page, final String hash, final String what) throws IOException, InterruptedException {
        final Path out = Files.createTempFile(directory, "browser", ".out");
        final List<String> command = new ArrayList<>(List.of(
                PROGRAM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + Files.createTempDirectory(directory, "profile"),
                "--window-size=1440,900",
                "--virtual-time-budget=5000",
                what,
                page.toUri() + hash));
        final Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            fail("the browser has not shown " + page + hash + " within " + TIMEOUT_S + " s");
        }
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    /** An opened page. */
    record Opened(String body) {
        /** The value that the page reports under this name; null if there is none. */
        String reported(final String name) {
            final Matcher value =
                    Pattern.compile(" data-" + name + "=\"([^\"]*)\"").matcher(body);
            return value.find() ? value.group(1) : null;
        }
    }
}
