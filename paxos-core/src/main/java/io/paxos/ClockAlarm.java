package io.paxos;

/** What is wrong with the clocks, as one replica sees it: see {@link Status#clockAlarm}. */
public enum ClockAlarm {
    /** Nothing, as far as is known. */
    NONE,
    /**
     * The wall clock of this replica is ahead of what a majority of the members tell, by more than is allowed. Cluster
     * time does not follow it. Set the clock of its machine.
     */
    OWN_CLOCK_AHEAD,
    /**
     * Cluster time is ahead of what a majority of the members tell. It stands still until their clocks get there: a
     * value with this time has been chosen, and cluster time never falls.
     */
    CLUSTER_TIME_AHEAD
}
