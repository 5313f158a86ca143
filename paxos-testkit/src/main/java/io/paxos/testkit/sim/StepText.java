package io.paxos.testkit.sim;

import java.util.Locale;
import java.util.StringJoiner;

/** Steps as text: {@code at 2,852 us: cut the link between the leader and member 3}. */
final class StepText {
    private StepText() {}

    /** All steps of a schedule, one line each, with the virtual time of each. */
    static String of(final Schedule schedule) {
        final StringJoiner lines = new StringJoiner(System.lineSeparator());
        lines.add(schedule.members() + (schedule.members() == 1 ? " member" : " members"));
        long nowNs = 0;
        for (final Step step : schedule.steps()) {
            if (step.kind() == Step.Kind.RUN) {
                nowNs += step.quantity() * Setup.TENTH_MS;
            } else {
                lines.add("  at " + micros(nowNs) + ": " + of(step, schedule.members()));
            }
        }
        return lines.add("  ends at " + micros(nowNs)).toString();
    }

    /** One step of a schedule for a cluster of {@code members} members. */
    static String of(final Step step, final int members) {
        final String it = member(step.node(), members);
        final String other = member(step.number(), members);
        return switch (step.kind()) {
            case RUN -> "let " + time(step) + " pass";
            case SUBMIT -> "give " + it + " " + step.quantity() + " commands";
            case BURST -> "give " + it + " " + step.quantity() + " commands at once";
            case READ -> "read from " + it;
            case READ_EVERYWHERE -> "read from every member";
            case READ_LOCALLY -> "read locally from " + it;
            case CRASH -> "crash " + it;
            case CRASH_KEEPING_ALL -> "crash " + it + "; its disk keeps all that was written";
            case CRASH_AFTER -> "crash " + it + " after " + step.quantity() + " more crash points";
            case RESTART -> "restart " + it;
            case RESTART_ALL -> "restart every member";
            case PAUSE -> "pause " + it;
            case SLOW -> "wake " + it + " late, by up to " + time(step);
            case RESUME -> "resume " + it;
            case RESUME_ALL -> "resume every member";
            case CUT -> "cut the link from " + it + " to " + other;
            case CUT_BOTH -> "cut the link between " + it + " and " + other;
            case SPLIT -> "cut the members " + group(step, members) + " off from the others";
            case STAR -> "leave only the links of " + it;
            case CHAIN -> "leave only the links between neighbours in a row that begins with " + it;
            case DEAFEN -> "cut all links to " + it;
            case MUTE -> "cut all links from " + it;
            case ISOLATE -> "cut all links of " + it;
            case MEND -> "mend the link between " + it + " and " + other;
            case MEND_ALL -> "mend all links";
            case ORDERED -> "keep the order of packets on each link";
            case LOSE -> "lose " + percent(step) + " of all packets";
            case REPEAT -> "repeat " + percent(step) + " of all packets";
            case HOLD_UP -> "delay a fifth of all packets by up to " + time(step);
            case CLOG -> "delay packets from " + it + " to " + other + " by " + time(step);
            case NARROW -> "let each link hold " + step.quantity() + " packets";
            case CORRUPT -> "change bytes of " + percent(step) + " of all packets";
            case DROP_TYPE -> "lose every message " + step.type().methodName();
            case DROP_NOTHING -> "lose no message for its type";
            case FREEZE_DISK -> "let no force of " + it + " end";
            case THAW_DISK -> "let forces of " + it + " end again";
            case SLOW_DISK -> "let forces of " + it + " take " + time(step) + " on average";
            case FILL_DISK -> "fill the disk of " + it;
            case FREE_DISK -> "free space on the disk of " + it;
            case MISDIRECT_READ -> "let the next read of " + it + " return another record";
            case FLIP_BIT -> "flip a bit on the disk of " + it;
            case LOSE_FILE -> "crash " + it + " and lose a file of its log";
            case ROLL_BACK_DISK -> "crash " + it + " and give it an older copy of its disk";
            case EMPTY_DISK -> "crash " + it + " and empty its directory";
            case RETURN_TO_COPY -> "crash " + it + " and replace its directory by an older copy";
            case EXCHANGE_DISK -> "crash " + it + " and " + other + ", and start one with the directory of the other";
            case OTHER_QUORUMS -> "crash " + it + " and start it with other quorums";
            case SECOND_PROCESS -> "start a second process under the id of " + it;
            case SNAPSHOT -> "ask " + it + " for a snapshot";
            case LEAVE_BEHIND ->
                "crash " + it + ", give the others " + step.quantity() + " commands each, and restart it";
            case BREAK_TRANSFER -> "break off the transfer of a snapshot, if one begins soon";
            case DAMAGE_SNAPSHOT -> "flip a bit of the newest snapshot of " + it;
            case FAIL_WRITE -> "fail the next write of " + it;
            case FAIL_FORCE -> "fail the next force of " + it;
            case BREAK_CLOCK -> "move the wall clock of " + it + " by " + step.quantity() + " years";
            case JUMP_CLOCK -> "move the wall clock of " + it + " by " + step.quantity() + " ms";
        };
    }

    private static String member(final int number, final int members) {
        return number == Step.LEADER ? "the leader" : "member " + (1 + Math.floorMod(number, members));
    }

    private static String group(final Step step, final int members) {
        final StringJoiner ids = new StringJoiner(", ", "{", "}");
        for (int id = 1; id <= members; id++) {
            if ((step.amount() & 1 << (id - 1)) != 0) {
                ids.add(String.valueOf(id));
            }
        }
        return ids.toString();
    }

    private static String time(final Step step) {
        return micros(step.quantity() * Setup.TENTH_MS);
    }

    private static String percent(final Step step) {
        return step.quantity() / 10.0 + " %";
    }

    private static String micros(final long timeNs) {
        return String.format(Locale.ROOT, "%,d us", timeNs / Setup.MICROSECOND);
    }
}
