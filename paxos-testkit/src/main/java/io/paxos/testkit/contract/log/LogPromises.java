package io.paxos.testkit.contract.log;

/** What {@link AcceptorLogContract} holds a log to, in the text that a failure shows. */
final class LogPromises {
    static final String OPENS = "a log opens in an empty directory, and again where it was closed";
    static final String INCARNATION = "each opening has an incarnation of its own, higher than all before";
    static final String PROMISE = "the highest ballot promised for all slots is remembered";
    static final String SLOT_PROMISE =
            "promised(slot) is the highest of what was promised or accepted in this slot or promised for all";
    static final String ACCEPTED_BALLOT = "the ballot in which a value was last accepted is remembered";
    static final String FIRST_SLOT = "firstSlot() is 1 until slots are trimmed, then the one behind them";
    static final String LAST_SLOT = "lastSlot() is the highest slot with an accepted value that was not trimmed";
    static final String CHOSEN_THROUGH = "chosenThrough() is what was last noted with an accepted value";
    static final String NOTHING_THERE = "reading a slot without a value answers ABSENT and reads nothing";
    static final String VALUE = "a read hands out, once, exactly the bytes last accepted in the slot, and their ballot";
    static final String TRIMMED = "reading a trimmed slot answers TRIMMED and reads nothing, and takes no record";
    static final String TRIM_POINT = "trimPoint() is at least firstSlot() - 1, and at most the slot that was asked for";
    static final String LENGTH_MAX = "a value of valueLengthMax() bytes is taken";
    static final String TOO_LONG = "a longer value is refused with an IllegalArgumentException, and changes nothing";
    static final String APPENDED_GROWS = "appendedPosition() grows with each record, and with nothing else";
    static final String DURABLE_APPENDED = "nothing is durable that was not appended";
    static final String DURABLE_FALLS = "durablePosition() never falls";
    static final String DURABLE_EARLY = "a record is not durable before sync()";
    static final String SYNC = "what was appended becomes durable after sync()";
    static final String WAKEUP = "the callback of onDurable() is called when the durable position moves by itself";
    static final String AFTER_CRASH = "after a crash the log holds all that was durable, and a prefix of the rest";
    static final String CLOSE = "a log can be closed twice";
    static final String CLOSED =
            "a closed log throws an IllegalStateException instead of reading, appending or syncing";
    static final String DURABILITY = "durability() is a single word";

    private LogPromises() {}
}
