package io.paxos.spi;

import org.agrona.DirectBuffer;

/**
 * Checks the flag that Agrona needs, which replicas and transports use for their buffers. Without it their first buffer
 * fails with an error that does not name the flag. A log checks its own flags, and this one too.
 */
public final class AgronaFlags {
    private static final String PACKAGE = "jdk.internal.misc";

    private AgronaFlags() {}

    /**
     * Called by replicas, and by the transports and logs here that need nothing else. One of your own calls it before
     * it makes its first buffer.
     *
     * @throws IllegalStateException if the flag is missing; the message names it
     */
    public static void require() {
        final Module base = Object.class.getModule();
        final Module agrona = DirectBuffer.class.getModule();
        if (!base.isOpen(PACKAGE, agrona)) {
            throw new IllegalStateException("add to the java command line: --add-opens=java.base/" + PACKAGE + "="
                    + (agrona.isNamed() ? agrona.getName() : "ALL-UNNAMED"));
        }
    }
}
