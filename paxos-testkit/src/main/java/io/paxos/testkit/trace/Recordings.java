package io.paxos.testkit.trace;

import io.paxos.Status;
import io.paxos.spi.Transport;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A recording of real replicas in one JVM. It wraps the transport of each, and joins each receipt with its sending.
 *
 * <pre>{@code
 * Recordings recordings = new Recordings(new Recorder());
 * RecordingTransport transport = recordings.transport(1, network.transport(1));
 * Replica replica = Replica.builder(1).transport(transport).listener(transport.listener(ReplicaListener.NONE))
 *         . ... .start();
 * ...
 * SpaceTimeHtml.write(path, recordings.recorder().spaceTime());
 * }</pre>
 */
public final class Recordings {
    private final Recorder recorder;
    private final LongSupplier clockNs;
    private final long startNs;
    private final Map<Link, ArrayDeque<Integer>> inTransit = new HashMap<>(); // ids, oldest first; no queue is empty
    private final Map<Link, Integer> lastReceived = new HashMap<>(); // id of the message

    /** Messages with the same link and text are not distinguished. */
    private record Link(int from, int to, MessageText text) {}

    /** Recorded by the clock of this machine. */
    public Recordings(final Recorder recorder) {
        this(recorder, System::nanoTime);
    }

    /** Recorded by a clock of nanoseconds with any origin. */
    public Recordings(final Recorder recorder, final LongSupplier clockNs) {
        this.recorder = recorder;
        this.clockNs = clockNs;
        startNs = clockNs.getAsLong();
    }

    public Recorder recorder() {
        return recorder;
    }

    /** The transport of one replica, recorded. Wrap a new one for each life of the replica. */
    public synchronized RecordingTransport transport(final int self, final Transport transport) {
        recorder.process(self, "replica " + self);
        recorder.happened(self, timeNs(), Kind.STARTED, "opens its transport");
        return new RecordingTransport(self, transport, this);
    }

    synchronized void sent(final int from, final int to, final MessageText text) {
        final int message = recorder.sent(from, timeNs(), to, text);
        inTransit
                .computeIfAbsent(new Link(from, to, text), link -> new ArrayDeque<>())
                .add(message);
    }

    synchronized void received(final int from, final int to, final MessageText text) {
        final Link link = new Link(from, to, text);
        final ArrayDeque<Integer> waiting = inTransit.get(link);
        if (waiting != null) {
            final int message = waiting.poll();
            if (waiting.isEmpty()) {
                inTransit.remove(link);
            }
            lastReceived.put(link, message);
            recorder.received(message, timeNs());
        } else if (lastReceived.containsKey(link)) {
            recorder.received(recorder.repeated(lastReceived.get(link)), timeNs());
        } else {
            recorder.happened(to, timeNs(), Kind.CLIENT, text.type() + " from " + from + ", which is not recorded");
        }
    }

    synchronized void role(final int self, final Status.Role role, final int leaderId, final long ballot) {
        final String text = RecordingTransport.roleText(role, leaderId, ballot);
        recorder.happened(
                self,
                timeNs(),
                Kind.ROLE,
                ballot,
                0,
                0,
                text,
                Recorder.fields("role", role.name(), "leader", "" + leaderId));
    }

    synchronized void stopped(final int self, final String why) {
        recorder.happened(self, timeNs(), Kind.STOPPED, why);
    }

    private long timeNs() {
        return clockNs.getAsLong() - startNs;
    }
}
