package io.paxos.log;

/** What a {@link ChronicleLog} means by "durable". */
public enum Durability {
    /** Forced to disk: survives the loss of power, on every machine at once. */
    SYNC("sync"),

    /**
     * In the page cache of this machine: survives the death of the process, not of the machine. A command is then safe only
     * while fewer machines fail together than the quorum can spare. The disk is forced in the background, see {@link ChronicleLogBuilder#forceIntervalNs}.
     */
    REPLICATED("replicated");

    private final String word;

    Durability(final String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
