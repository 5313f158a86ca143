package io.paxos.testkit.sim.schedule;

/** What should happen in some runs, or the runs are too tame to prove anything. */
public enum Situation {
    /** A prepare left while another member's was open. */
    DUEL,
    /** A leader proposed a value that had been accepted in an older ballot. */
    OLD_VALUE_PROPOSED_AGAIN,
    /** A leader proposed a no-op. */
    GAP_FILLED_BY_NO_OP,
    /** A slot has got different values in different ballots. */
    TWO_VALUES_FOR_ONE_SLOT,
    /** A value that a minority had accepted was replaced by another. */
    ACCEPTED_VALUE_LOST_TO_ANOTHER,
    /** A process died with records appended and not forced. */
    CRASH_BETWEEN_APPEND_AND_FORCE,
    /** Such records were gone afterwards. */
    RECORDS_LOST,
    /** A process died between two steps of the duty cycle. */
    CRASH_WITHIN_DUTY_CYCLE,
    /** A replica stopped because its disk failed. */
    STOPPED_BY_DISK,
    /** A replica noticed that a value on its disk was damaged. */
    DAMAGED_VALUE_NOTICED,
    /** A replica noticed that its disk gave it another record than it asked for. */
    MISDIRECTED_READ_NOTICED,
    /** Records behind the end of the log, torn or with a gap before them, were dropped at a restart. */
    TORN_TAIL_DROPPED,
    /** A restart was refused since records were damaged or gone that had been durable. */
    DAMAGED_LOG_REFUSED,
    /** A restart was refused since the disk was an older copy. */
    OLDER_DISK_REFUSED,
    /** A restart was refused since the disk was full. */
    LOG_REFUSED_BY_FULL_DISK,
    /** The members went on without one that is down for good. */
    CASUALTY_LEFT_DEAD,
    /** The wire noticed that bytes had changed. */
    CORRUPTED_PACKET_DROPPED,
    /** A proposal to a member that its leader could do without was held back. */
    PROPOSAL_HELD_BACK,
    /** A command woke nobody: the replica gathers, and looks by itself. */
    COMMAND_WAITS_FOR_COMPANY,
    /** A packet waited in a clogged link. */
    LINK_CLOGGED,
    /** A packet was lost since its link was full. */
    LINK_FULL,
    /** A chosen value was sent to a member that missed it. */
    CHOSEN_VALUE_FETCHED,
    /** A command was forwarded. */
    COMMAND_FORWARDED,
    /** The same command was chosen in two slots. */
    COMMAND_CHOSEN_TWICE,
    COMMAND_CHOSEN,
    OUTCOME_UNKNOWN,
    OUTCOME_NOT_CHOSEN,
    BACK_PRESSURE,
    LINEARIZABLE_READ,
    LOCAL_READ,
    READ_FAILED,
    /** A slot was chosen without the owner of its ballot among the voters that chose it. */
    CHOSEN_WITHOUT_ITS_LEADER
}
