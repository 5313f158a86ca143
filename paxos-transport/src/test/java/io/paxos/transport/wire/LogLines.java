package io.paxos.transport.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/** What is logged while it is open, from level WARN on: the logger of the tests writes to the standard error. */
public final class LogLines implements AutoCloseable {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    public LogLines() {
        System.setErr(new PrintStream(written, true, UTF_8));
    }

    /** The lines with each of these texts. */
    public List<String> with(final String... texts) {
        return written.toString(UTF_8)
                .lines()
                .filter(line -> List.of(texts).stream().allMatch(line::contains))
                .toList();
    }

    @Override
    public void close() {
        System.setErr(before);
        before.print(written.toString(UTF_8));
    }
}
