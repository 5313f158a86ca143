package io.paxos.testkit.contract.machine;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import net.jqwik.api.Property;
import org.agrona.DirectBuffer;

/**
 * Runs the state machine of a contract in another JVM, of the same Java, class path and module flags.
 *
 * <p>One caller thread. The JVM starts when this object is made, and is waited for at the first request. An instance
 * that cannot start or no longer answers throws {@link IllegalStateException}, with the end of what the JVM has
 * printed.
 */
final class OtherJvm implements AutoCloseable {
    private static final long ANSWER_SECONDS = 60;
    private static final int STARTS_MAX = 40; // each start draws the direction of Set.of: one in 2^40 never draws ours
    private static final int PRINTED_MAX = 20;
    private static final String END = "end";

    /** It runs for seconds. What the JVM inherits comes behind these, and counts. */
    private static final List<String> QUICK_START = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final Class<?> contract;
    private final JvmSettings settings;
    private final int direction; // in which Set.of(0, 1) must iterate there, negative if any
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>(); // END after the last one of each process
    private final Deque<String> printed = new ArrayDeque<>(); // at most PRINTED_MAX lines, guarded by itself
    private Process process; // the one started last
    private DataOutputStream requests; // null until the process has reported that it is ready

    OtherJvm(final Class<?> contract, final JvmSettings settings) {
        this.contract = contract;
        this.settings = settings;
        direction = settings.hasOtherHashes() ? 1 - MachineServer.direction() : -1;
        process = start();
    }

    JvmSettings settings() {
        return settings;
    }

    /** {@link MachineRun#digest} of a plain run there, or of the exception that it throws. */
    String digest(final List<MachineInput> inputs) {
        return request(MachineServer.DIGEST, inputs);
    }

    /**
     * The outcome of a plain run there.
     *
     * @throws MachineThrewException if the state machine throws there
     */
    List<byte[]> replies(final List<MachineInput> inputs) {
        final String answer = request(MachineServer.REPLIES, inputs);
        if (answer.startsWith(MachineServer.THROWS)) {
            throw new MachineThrewException(answer);
        }
        return MachineServer.replies(answer);
    }

    private String request(final int kind, final List<MachineInput> inputs) {
        awaitReady();
        try {
            requests.writeByte(kind);
            MachineInput.writeAll(inputs, requests);
            requests.flush();
        } catch (final IOException e) {
            throw failed("no longer takes requests: " + e);
        }
        return answer();
    }

    private void awaitReady() {
        for (int starts = 1; requests == null; starts++) {
            final String answer = answer();
            if (MachineServer.READY.equals(answer)) {
                requests = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
            } else if (starts < STARTS_MAX && exitCode() == MachineServer.WRONG_DIRECTION) {
                process = start();
            } else if (exitCode() == MachineServer.CANNOT_CREATE) {
                throw failed("cannot make " + contract.getName() + " and its state machine");
            } else {
                throw failed("cannot be started, it exits with code " + exitCode());
            }
        }
    }

    private String answer() {
        try {
            final String answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw failed("has not answered for " + ANSWER_SECONDS + " s");
            }
            if (END.equals(answer) && requests != null) {
                throw failed("has ended with code " + exitCode());
            }
            return answer;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while another JVM ran the state machine", e);
        }
    }

    private int exitCode() {
        try {
            return process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while another JVM ended", e);
        }
    }

    private Process start() {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(QUICK_START);
        command.addAll(inherited());
        command.addAll(settings.options());
        command.add(MachineServer.class.getName());
        command.add(contract.getName());
        command.add(Integer.toString(direction));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", classPath(contract));
        try {
            final Process started = builder.start();
            final Thread errors = read(started.getErrorStream(), "errors");
            read(started.getInputStream(), "answers", errors);
            return started;
        } catch (final IOException e) {
            throw failed("cannot be started: " + e);
        }
    }

    /** The flags of this JVM that code may need to run at all. Agents, debuggers and module graphs stay here. */
    private static List<String> inherited() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.matches("(--add-opens|--add-exports|--enable-).*|-ea.*|-D.*|-Xmx.*"))
                .toList();
    }

    /** Everything this JVM loads classes from, whether they are on its class path or in modules. */
    private static String classPath(final Class<?> contract) {
        final Set<String> entries = new LinkedHashSet<>();
        for (final String property : List.of("java.class.path", "jdk.module.path")) {
            entries.addAll(List.of(System.getProperty(property, "").split(File.pathSeparator)));
        }
        for (final Class<?> type : List.of(contract, OtherJvm.class, DirectBuffer.class, Property.class)) {
            if (type.getProtectionDomain().getCodeSource() != null) {
                final var location = type.getProtectionDomain().getCodeSource().getLocation();
                if ("file".equals(location.getProtocol())) {
                    entries.add(new File(location.getPath()).getPath());
                }
            }
        }
        entries.remove("");
        return String.join(File.pathSeparator, entries);
    }

    /**
     * Reads until the end of the stream. {@code before}: threads whose streams must end before {@link #END} is put into
     * {@link #answers}. None: the stream has no answers.
     */
    private Thread read(final InputStream stream, final String name, final Thread... before) {
        final Thread thread = new Thread(() -> readLines(stream, before), "other-jvm-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void readLines(final InputStream stream, final Thread... before) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(MachineServer.MARK)) {
                    answers.add(line.substring(MachineServer.MARK.length()));
                } else if (!line.isEmpty()) {
                    keep(line);
                }
            }
            for (final Thread thread : before) {
                thread.join();
            }
        } catch (final IOException e) {
            keep("(" + e + ")");
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (before.length > 0) {
            answers.add(END);
        }
    }

    private void keep(final String line) {
        synchronized (printed) {
            printed.add(line);
            if (printed.size() > PRINTED_MAX) {
                printed.remove();
            }
        }
    }

    private IllegalStateException failed(final String how) {
        synchronized (printed) {
            return new IllegalStateException("the other JVM (" + settings + ") " + how
                    + printed.stream().map(line -> "\n    " + line).collect(Collectors.joining()));
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The state machine throws in the other JVM. */
    static final class MachineThrewException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MachineThrewException(final String message) {
            super(message);
        }
    }
}
