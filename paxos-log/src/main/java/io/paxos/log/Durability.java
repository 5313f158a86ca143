package io.paxos.log;

/** What a {@link ChronicleLog} means by "durable". */
public enum Durability {
    /** Forced to disk. Survives a loss of power, even on all machines at once. */
    SYNC("sync"),

    /**
     * Written to the page cache of this machine. Survives the death of the process, but not of the machine. A command
     * is lost if more machines fail together than the quorum can spare. The disk is forced in the background, see
     * {@link ChronicleLogBuilder#forceIntervalNs}.
     */
    REPLICATED("replicated");

    private final String word;

    Durability(final String word) {
        this.word = word;
    }

    /** As {@link ChronicleLog#durability} returns it. */
    String word() {
        return word;
    }
}
