package io.paxos.examples.kv;

import io.paxos.ReplicaListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Prints how far a replica has executed its log after a start, a line each second and one at the end, and completes a
 * future with the fault that stops it.
 */
record ServeListener(int id, PrintWriter out, CompletableFuture<Throwable> fault) implements ReplicaListener {
    private static final double SECOND_NS = 1e9;

    @Override
    public void onReplay(final long slots, final long ofSlots, final long durationNs) {
        if (slots == ofSlots) {
            out.println("replica " + id + " replayed " + slots + " slots in "
                    + String.format(Locale.ROOT, "%.1f s", durationNs / SECOND_NS));
        } else if (slots > 0) {
            out.println("replica " + id + " replayed " + slots + " of " + ofSlots + " slots");
        }
    }

    @Override
    public void onFault(final Throwable cause) {
        fault.complete(cause);
    }
}
