package io.paxos.examples.kv;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Ends the process when its memory is used up, because half of it would go on: a replica without its port, or a port
 * without its replica. What it needs for that is made beforehand.
 */
final class OutOfMemory {
    private static final int EXIT_CODE = 1;
    private static final int CAUSES_MAX = 8;

    private static final byte[] LINE = ("paxos-kv: out of memory, so this process ends; its data is kept. Start it with"
                    + " more heap (-Xmx), or keep less in the store\n")
            .getBytes(StandardCharsets.UTF_8);

    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

    private OutOfMemory() {}

    /** From now on a thread that ends for want of memory ends the process. */
    static void endsProcess() {
        final Thread.UncaughtExceptionHandler former = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> {
            endIf(cause);
            if (former != null) {
                former.uncaughtException(thread, cause);
            }
        });
    }

    /** Ends the process, with one line, if this is why. */
    static void endIf(final Throwable cause) {
        if (isCause(cause)) {
            end();
        }
    }

    /** Whether the virtual machine has run out of memory, of the heap, of the stack or beside them. */
    static boolean isCause(final Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
            if (cause instanceof VirtualMachineError) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Runs no shutdown hooks: they need memory, and the log needs none of them. */
    private static void end() {
        try {
            ERR.write(LINE);
        } catch (final IOException e) {
            // There is nowhere else to say it, and the exit code tells the same.
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}
