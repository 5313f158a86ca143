package io.paxos.replica;

import io.paxos.ReplicaListener;
import io.paxos.Status;

/** Tells a listener by {@link Callbacks}, so that it holds up nobody. */
final class ToldListener implements ReplicaListener {
    private final ReplicaListener listener;
    private final Callbacks callbacks;

    ToldListener(final ReplicaListener listener, final Callbacks callbacks) {
        this.listener = listener;
        this.callbacks = callbacks;
    }

    @Override
    public void onRole(final Status.Role role, final int leaderId, final long ballot) {
        callbacks.tell(() -> listener.onRole(role, leaderId, ballot));
    }

    @Override
    public void onReplay(final long slots, final long ofSlots, final long durationNs) {
        callbacks.tell(() -> listener.onReplay(slots, ofSlots, durationNs));
    }

    @Override
    public void onReady(final boolean isReady, final String reason) {
        callbacks.tell(() -> listener.onReady(isReady, reason));
    }

    @Override
    public void onFault(final Throwable cause) {
        callbacks.tell(() -> listener.onFault(cause));
    }

    /** Told by the thread of the watch, because others may be held up. */
    @Override
    public void onHeldUp(final String what, final long durationNs) {
        listener.onHeldUp(what, durationNs);
    }
}
