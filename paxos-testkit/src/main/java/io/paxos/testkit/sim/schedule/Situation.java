package io.paxos.testkit.sim.schedule;

/** An event that some runs must have. Otherwise the runs are too simple to find faults. */
public enum Situation {
    /** A prepare was sent during the phase 1 of another member. */
    DUEL,
    /** A leader proposed a value that had been accepted in an older ballot. */
    OLD_VALUE_PROPOSED_AGAIN,
    /** A leader proposed a no-op. */
    GAP_FILLED_BY_NO_OP,
    /** A slot had different values in different ballots. */
    TWO_VALUES_FOR_ONE_SLOT,
    /** A value that a minority had accepted was replaced by another. */
    ACCEPTED_VALUE_LOST_TO_ANOTHER,
    /** A process died with records appended and not forced. */
    CRASH_BETWEEN_APPEND_AND_FORCE,
    /** A crash lost such records. */
    RECORDS_LOST,
    /** A process died between two steps of the duty cycle. */
    CRASH_WITHIN_DUTY_CYCLE,
    /** A replica stopped because its disk failed. */
    STOPPED_BY_DISK,
    /** A replica noticed that a value on its disk was damaged. */
    DAMAGED_VALUE_NOTICED,
    /** A replica noticed that a read returned another record. */
    MISDIRECTED_READ_NOTICED,
    /** A restart dropped records after the end of the log, torn ones or those after a gap. */
    TORN_TAIL_DROPPED,
    /** A restart was refused because durable records were damaged or missing. */
    DAMAGED_LOG_REFUSED,
    /** A restart was refused because the disk was an older copy. */
    OLDER_DISK_REFUSED,
    /** A member with an emptied directory or an older copy, or with other quorums, was refused by the others. */
    MEMBER_WITHOUT_ITS_VOTES_REFUSED,
    /** A second process under the id of a member was refused. */
    SECOND_PROCESS_REFUSED,
    /** A start with the directory of another member was refused. */
    EXCHANGED_DISK_REFUSED,
    /** A start with other quorums than before was refused. */
    OTHER_QUORUMS_REFUSED,
    /** A restart found records in the cache that a failed force had not written. */
    RECORDS_OF_A_FAILED_FORCE_FOUND,
    /** A snapshot became durable. */
    SNAPSHOT_TAKEN,
    /** The log came near its budget while a snapshot was written, which then spared the disk no more. */
    SNAPSHOT_HURRIED,
    /** A crash lost a snapshot that was being written. */
    SNAPSHOT_LOST_BY_CRASH,
    /** A snapshot could not be written. */
    SNAPSHOT_FAILED,
    /** A restart noticed that a snapshot was damaged. */
    DAMAGED_SNAPSHOT_NOTICED,
    /** A replica started from a snapshot. */
    STARTED_FROM_SNAPSHOT,
    /** A running replica replaced its state by a snapshot of another one. */
    SNAPSHOT_INSTALLED,
    /** A replica went on with a part of a snapshot that an earlier transfer had left. */
    TRANSFER_RESUMED,
    /** Records were given up behind a snapshot. */
    SEGMENT_GIVEN_UP,
    /** A full disk took a record that it had space set aside for. */
    RESERVE_USED,
    /** A full disk had no room for a vote, so none was given. */
    NO_ROOM_FOR_VOTE,
    /** A restart was refused because the disk was full. */
    LOG_REFUSED_BY_FULL_DISK,
    /** A member stayed down for good, and the others continued. */
    CASUALTY_LEFT_DEAD,
    /** Links stayed cut, and the members that were connected enough made progress. */
    PROGRESS_IN_PARTITION,
    /** The frame reader noticed changed bytes. */
    CORRUPTED_PACKET_DROPPED,
    /** A proposal to a follower that the quorum did not need was delayed. */
    PROPOSAL_LINGERS,
    /** A command caused no wake-up, because the leader collects commands and wakes up by itself. */
    COMMAND_LINGERS,
    /** A packet waited in a clogged link. */
    LINK_CLOGGED,
    /** A packet was lost because its link was full. */
    LINK_FULL,
    /** A chosen value was sent to a member that missed it. */
    CHOSEN_VALUE_FETCHED,
    /** A wall clock was set forward or back by seconds. */
    CLOCK_SET,
    /** A wall clock was set forward by years. */
    CLOCK_WRONG_BY_YEARS,
    /** A member told the checksums of what it has applied. */
    CHECKSUM_TOLD,
    /** A command was forwarded. */
    COMMAND_FORWARDED,
    /** Code that was told an outcome threw, took long, submitted again, or closed the replica. */
    CLIENT_CODE_MISBEHAVES,
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
