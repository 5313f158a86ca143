package io.paxos.testkit.sim;

import io.paxos.Status;
import io.paxos.protocol.Ballot;
import io.paxos.testkit.sim.net.Packet;
import io.paxos.testkit.sim.schedule.EventQueue;
import io.paxos.testkit.sim.value.SimCommands;
import io.paxos.testkit.sim.value.Values;
import io.paxos.testkit.trace.Kind;
import io.paxos.testkit.trace.Recorder;
import io.paxos.testkit.trace.ValueText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Passes all events of a cluster to a {@link Recorder}. */
final class EventRecorder implements SimEvents {
    private static final int TEXTS_MAX = 12; // of one force
    private static final Map<String, String> NO_FIELDS = Map.of();
    private static final ValueText ALL_COMMANDS =
            (value, offset, length) -> SimCommands.text(value, offset, length, Integer.MAX_VALUE);

    private final EventQueue events;
    private final Values values;
    private final Recorder recorder;
    private final IdentityHashMap<Packet, Integer> underWay = new IdentityHashMap<>(); // packet to message id
    private final List<ArrayDeque<String>> unforced = new ArrayList<>(); // by id: texts of records
    private final long[] chosenThrough; // by id: the last that this life has shown
    private final long[] appliedThrough; // by id: the last that this life has shown
    private int forcing; // the member whose disk forces; 0 before the first force

    EventRecorder(final int members, final EventQueue events, final Values values, final Recorder recorder) {
        this.events = events;
        this.values = values;
        this.recorder = recorder;
        chosenThrough = new long[members + 1];
        appliedThrough = new long[members + 1];
        for (int id = 0; id <= members; id++) {
            unforced.add(new ArrayDeque<>());
            if (id > 0) {
                recorder.process(id, "member " + id);
            }
        }
    }

    @Override
    public void sent(final Packet packet) {
        underWay.put(packet, recorder.sent(packet.from(), events.nowNs(), packet.to(), packet.text(ALL_COMMANDS)));
    }

    @Override
    public void repeated(final Packet packet, final Packet copy) {
        underWay.put(copy, recorder.repeated(underWay.get(packet)));
    }

    @Override
    public void received(final Packet packet) {
        recorder.received(underWay.remove(packet), events.nowNs());
    }

    @Override
    public void lost(final Packet packet, final String why) {
        final Integer message = underWay.remove(packet);
        if (message != null) {
            recorder.lost(message, events.nowNs(), why);
        }
    }

    @Override
    public void link(final int from, final int to, final boolean isCut) {
        if (isCut) {
            recorder.cut(from, to, events.nowNs());
        } else {
            recorder.mended(from, to, events.nowNs());
        }
    }

    @Override
    public void started(final int id, final int life) {
        chosenThrough[id] = 0;
        appliedThrough[id] = 0;
        happened(id, Kind.STARTED, "life " + life);
    }

    @Override
    public void refused(final int id, final String why) {
        happened(id, Kind.STOPPED, why);
    }

    @Override
    public void crashes(final int id, final int unforcedRecords) {
        happened(id, Kind.CRASHED, unforcedRecords + (unforcedRecords == 1 ? " record" : " records") + " not forced");
    }

    @Override
    public void paused(final int id) {
        happened(id, Kind.PAUSED, "stopped by a signal");
    }

    @Override
    public void resumed(final int id) {
        happened(id, Kind.RESUMED, "goes on");
    }

    @Override
    public void stopped(final int id, final Throwable cause) {
        happened(id, Kind.STOPPED, cause.toString());
    }

    @Override
    public void role(final int id, final Status.Role role, final int leaderId, final long ballot) {
        final String name = role.name().toLowerCase(Locale.ROOT);
        final String text = role == Status.Role.FOLLOWER && leaderId != 0 ? name + " of " + leaderId : name;
        final Map<String, String> fields = Recorder.fields("role", name, "leader", "" + leaderId);
        recorder.happened(id, events.nowNs(), Kind.ROLE, ballot, 0, 0, text, fields);
    }

    @Override
    public void worked(final int id, final Status status) {
        if (status.chosenThrough() > chosenThrough[id]) {
            happened(id, Kind.LEARNED, chosenThrough[id] + 1, status.chosenThrough(), "knows chosen");
            chosenThrough[id] = status.chosenThrough();
        }
        if (status.appliedThrough() > appliedThrough[id]) {
            happened(id, Kind.APPLIED, appliedThrough[id] + 1, status.appliedThrough(), "applied");
            appliedThrough[id] = status.appliedThrough();
        }
    }

    @Override
    public void client(final int id, final String what, final long number, final long slot) {
        final String command = number == 0 ? "" : " c" + number;
        happened(id, Kind.CLIENT, slot, slot, what + command);
    }

    @Override
    public void chosen(final long slot, final long ballot, final int value) {
        final Map<String, String> fields = Recorder.fields("value", values.text(value));
        recorder.happened(forcing, events.nowNs(), Kind.CHOSEN, ballot, slot, 0, "chosen", fields);
    }

    @Override
    public void step(final Step step) {
        if (step.kind() != Step.Kind.RUN) { // the time of the other steps shows it
            recorder.outside(events.nowNs(), StepText.of(step, chosenThrough.length - 1));
        }
    }

    @Override
    public void promiseAppended(final int replica, final long ballot, final long slot) {
        recorder.happened(replica, events.nowNs(), Kind.PROMISED, ballot, slot, 0, "promise written", NO_FIELDS);
        unforced.get(replica).add("promise " + Ballot.text(ballot) + (slot == 0 ? "" : " slot " + slot));
    }

    @Override
    public void acceptAppended(
            final int replica, final long ballot, final long slot, final long chosen, final int value) {
        final Map<String, String> fields =
                Recorder.fields("value", values.text(value), "knows chosen through", "" + chosen);
        recorder.happened(replica, events.nowNs(), Kind.ACCEPTED, ballot, slot, 0, "accept written", fields);
        unforced.get(replica).add("accept " + Ballot.text(ballot) + " slot " + slot + " " + values.text(value));
    }

    @Override
    public void hardening(final int replica, final int records) {
        forcing = replica;
        final StringBuilder durable = new StringBuilder();
        for (int i = 0; i < records; i++) {
            final String text = unforced.get(replica).poll();
            if (i < TEXTS_MAX) {
                durable.append(i == 0 ? "" : "; ").append(text);
            }
        }
        if (records > TEXTS_MAX) {
            durable.append("; and ").append(records - TEXTS_MAX).append(" more");
        }
        final Map<String, String> fields = Recorder.fields("now durable", durable.toString());
        final String text = records + (records == 1 ? " record durable" : " records durable");
        recorder.happened(replica, events.nowNs(), Kind.SYNCED, 0, 0, 0, text, fields);
    }

    @Override
    public void crashed(final int replica, final int recordsLost) {
        if (recordsLost > 0) {
            unforced.get(replica).clear();
        }
    }

    private void happened(final int id, final Kind kind, final String text) {
        recorder.happened(id, events.nowNs(), kind, text);
    }

    private void happened(
            final int id, final Kind kind, final long fromSlot, final long throughSlot, final String text) {
        recorder.happened(id, events.nowNs(), kind, 0, fromSlot, throughSlot, text, NO_FIELDS);
    }
}
