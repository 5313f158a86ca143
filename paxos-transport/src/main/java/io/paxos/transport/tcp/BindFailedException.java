package io.paxos.transport.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;

/** The transport cannot listen on the address of its own replica. The message says which, why, and what to do. */
public final class BindFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private BindFailedException(final String message, final Throwable cause) {
        super(message, cause);
    }

    static BindFailedException of(final InetSocketAddress address, final IOException cause) {
        final String text = TcpOptions.text(address);
        final String reason = String.valueOf(cause.getMessage());
        if (reason.contains("in use")) {
            return new BindFailedException(
                    "address already in use: " + text + ", stop the other process or choose another port", cause);
        }
        return new BindFailedException("cannot listen on " + text + ": " + reason + advice(reason), cause);
    }

    /** The reasons are the texts of the operating system, which the JDK and Netty pass on. */
    private static String advice(final String reason) {
        if (reason.contains("assign requested address")) {
            return "; the address must be one of this machine";
        }
        return reason.contains("denied") ? "; choose a port above 1023 or give the process the privilege" : "";
    }
}
