package io.paxos.testkit.sim;

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
