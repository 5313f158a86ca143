package io.paxos.testkit.contract.machine;

import io.paxos.testkit.contract.BrokenPromise;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The main class of the other JVM: runs a state machine for {@link OtherJvm}.
 *
 * <p>Arguments: the contract's class, and the direction in which {@code Set.of(0, 1)} must iterate: the first element,
 * or any negative number. Requests on standard input: one byte, then a list of inputs. Answers on standard output: one
 * line each that begins with {@link #MARK}. What the state machine prints goes to standard error.
 */
final class MachineServer {
    static final String MARK = "@state-machine ";
    static final String READY = "ready";
    static final String THROWS = "throws ";
    static final int REPLIES = 'r';
    static final int DIGEST = 'd';
    static final int WRONG_DIRECTION = 75; // exit code: start another JVM, which draws another salt
    static final int CANNOT_CREATE = 76;

    private MachineServer() {}

    public static void main(final String[] arguments) throws IOException {
        final PrintStream answers = System.out;
        System.setOut(System.err);
        final int direction = Integer.parseInt(arguments[1]);
        if (direction >= 0 && direction != direction()) {
            System.exit(WRONG_DIRECTION);
        }
        final MachineRun run = new MachineRun(contract(arguments[0])::create);
        answer(answers, READY);
        serve(run, new DataInputStream(System.in), answers);
    }

    /** The element of {@code Set.of(0, 1)} that comes first in this JVM. */
    static int direction() {
        return Set.of(0, 1).iterator().next();
    }

    private static StateMachineContract contract(final String name) {
        try {
            final StateMachineContract contract = (StateMachineContract) newInstance(Class.forName(name));
            contract.create();
            return contract;
        } catch (final ReflectiveOperationException | RuntimeException | LinkageError e) {
            e.printStackTrace();
            System.exit(CANNOT_CREATE);
            throw new IllegalStateException(e);
        }
    }

    /**
     * As jqwik makes it: by the constructor without parameters, within a new instance of the class around it, if any.
     */
    private static Object newInstance(final Class<?> type) throws ReflectiveOperationException {
        final Class<?> outer = Modifier.isStatic(type.getModifiers()) ? null : type.getEnclosingClass();
        final Constructor<?> constructor =
                outer == null ? type.getDeclaredConstructor() : type.getDeclaredConstructor(outer);
        constructor.setAccessible(true);
        return outer == null ? constructor.newInstance() : constructor.newInstance(newInstance(outer));
    }

    private static void serve(final MachineRun run, final DataInputStream requests, final PrintStream answers)
            throws IOException {
        while (true) {
            final int request;
            try {
                request = requests.readUnsignedByte();
            } catch (final EOFException e) {
                return; // the contract has ended
            }
            final List<MachineInput> inputs = MachineInput.readAll(requests);
            try {
                final List<byte[]> replies = run.plain(inputs);
                answer(answers, request == DIGEST ? MachineRun.digest(replies) : text(replies));
            } catch (final BrokenPromise e) {
                answer(answers, THROWS + e.getMessage().replaceAll("\\R", " "));
            }
        }
    }

    private static void answer(final PrintStream answers, final String text) throws IOException {
        answers.write(("\n" + MARK + text + "\n").getBytes(StandardCharsets.UTF_8));
        answers.flush();
    }

    private static String text(final List<byte[]> replies) {
        final StringBuilder text = new StringBuilder();
        for (final byte[] reply : replies) {
            text.append('=').append(HexFormat.of().formatHex(reply));
        }
        return text.toString();
    }

    /** Undoes {@link #text}. */
    static List<byte[]> replies(final String text) {
        return text.isEmpty()
                ? List.of()
                : List.of(text.substring(1).split("=", -1)).stream()
                        .map(HexFormat.of()::parseHex)
                        .toList();
    }
}
