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

/**
 * A headless browser. It opens pages from the disk and returns the state of each.
 *
 * <p>A start of the browser takes 2 s of a processor, which is far more than a page. So pages that one test needs are
 * frames of one page, each as large as a window.
 */
final class Browser {
    private static final String PROGRAM = "chromium";
    private static final int TIMEOUT_S = 90;
    private static final Pattern PAGE = Pattern.compile("<page-of-test[^>]*>");

    /** Copies the attributes of each frame's body into an element of its own, when all have been shown for a while. */
    private static final String COPY = """
            <script>window.onload = () => setTimeout(() => {
              for (const frame of document.querySelectorAll('iframe')) {
                const page = document.createElement('page-of-test');
                const body = frame.contentDocument.body;
                for (const one of body.attributes) {
                  page.setAttribute(one.name, one.value);
                }
                document.body.append(page);
              }
            }, 3000);</script>
            """;

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
        return openAll(page, List.of(hash)).get(0);
    }

    /** Opens a page once with each of these hashes. Returns as {@link #open} does, in the same order. */
    List<Opened> openAll(final Path page, final List<String> hashes) throws IOException, InterruptedException {
        final StringBuilder frames = new StringBuilder("<!doctype html><meta charset=\"utf-8\"><body>" + COPY);
        for (final String hash : hashes) {
            frames.append("<iframe style=\"border:0;width:1440px;height:900px\" src=\"")
                    .append((page.toUri() + hash).replace("&", "&amp;"))
                    .append("\"></iframe>");
        }
        final Path all = Files.writeString(Files.createTempFile(directory, "frames", ".html"), frames);
        final String dom = run(all);
        final List<Opened> opened =
                PAGE.matcher(dom).results().map(tag -> new Opened(tag.group())).toList();
        if (opened.size() != hashes.size()) {
            fail(opened.size() + " pages came out of the browser for " + page + hashes + ":\n" + dom);
        }
        return opened;
    }

    private String run(final Path page) throws IOException, InterruptedException {
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
                "--disable-web-security", // else a page from the disk may not look into its frames
                "--allow-file-access-from-files",
                "--user-data-dir=" + Files.createTempDirectory(directory, "profile"),
                "--window-size=1440,900",
                "--virtual-time-budget=5000",
                "--dump-dom",
                page.toUri().toString()));
        final Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            fail("the browser has not shown " + page + " within " + TIMEOUT_S + " s");
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
