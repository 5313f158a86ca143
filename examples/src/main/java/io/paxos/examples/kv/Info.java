package io.paxos.examples.kv;

import io.paxos.Status;
import io.paxos.protocol.Ballot;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The text of INFO: what {@link Status} knows, in Redis' shape. */
final class Info {
    private static final List<String> EVERYTHING = List.of("all", "default", "everything");
    private static final String END = "\r\n";

    private final Supplier<Status> status;
    private final String memberIds;
    private final IntSupplier connections;
    private final LongSupplier memoryBytes;

    /** {@code memoryBytes} is what clients make this process keep. */
    Info(
            final Supplier<Status> status,
            final String memberIds,
            final IntSupplier connections,
            final LongSupplier memoryBytes) {
        this.status = status;
        this.memberIds = memberIds;
        this.connections = connections;
        this.memoryBytes = memoryBytes;
    }

    /** These sections, named in lower case; all of them if none is named. */
    String text(final Collection<String> sections) {
        final List<String> parts = new ArrayList<>();
        if (wanted("server", sections)) {
            parts.add(server());
        }
        if (wanted("clients", sections)) {
            parts.add("# clients" + END
                    + line("connected_clients", connections.getAsInt())
                    + line("client_memory_bytes", memoryBytes.getAsLong()));
        }
        if (wanted("paxos", sections)) {
            parts.add(paxos(status.get()));
        }
        return String.join(END, parts);
    }

    private static boolean wanted(final String section, final Collection<String> sections) {
        return sections.isEmpty()
                || sections.contains(section)
                || sections.stream().anyMatch(EVERYTHING::contains);
    }

    private static String server() {
        final long upSeconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000;
        return "# server" + END
                + line("redis_version", "7.0.0")
                + line("redis_mode", "standalone")
                + line("process_id", ProcessHandle.current().pid())
                + line("uptime_in_seconds", upSeconds);
    }

    private String paxos(final Status now) {
        return "# paxos" + END
                + line("id", now.id())
                + line("role", now.role().name().toLowerCase(Locale.ROOT))
                + line("leader_id", now.leaderId())
                + line("ballot", Ballot.text(now.ballot()))
                + line("epoch", now.epoch())
                + line("chosen", now.chosenThrough())
                + line("applied", now.appliedThrough())
                + line("replay_through", now.replayThrough())
                + line("first_slot", now.firstSlot())
                + line("log_bytes", now.logBytes())
                + line("snapshot_slot", now.snapshotSlot())
                + line("snapshots", Answers.oneLine(now.snapshots()))
                + line("snapshot_bytes", now.snapshotBytes())
                + line("snapshot_pause_us", TimeUnit.NANOSECONDS.toMicros(now.snapshotPauseNs()))
                + line("durability", now.durability())
                + line("members", now.members())
                + line("member_ids", memberIds)
                + line("connected", now.connected())
                + members(now)
                + line("ready", now.isReady() ? 1 : 0)
                + line("not_ready", oneLine(now.notReady()))
                + line("round_trip_alarm", oneLine(now.roundTripAlarm()))
                + line(
                        "fault",
                        now.fault() == null ? "" : Answers.oneLine(now.fault().toString()));
    }

    /** A line for each member, in the way of the replicas in Redis' own INFO. */
    private static String members(final Status now) {
        final StringBuilder lines = new StringBuilder();
        for (final Status.Member member : now.memberList()) {
            lines.append(line(
                    "member_" + member.id(),
                    "connected=" + (member.isConnected() ? 1 : 0) + ",behind_slots=" + member.behindSlots()
                            + ",round_trip_rounds=" + member.roundTripRounds()));
        }
        return lines.toString();
    }

    /** Empty for null. */
    private static String oneLine(final String text) {
        return text == null ? "" : Answers.oneLine(text);
    }

    private static String line(final String key, final Object value) {
        return key + ':' + value + END;
    }
}
