package io.paxos.benchmarks.load.peers;

import io.microraft.RaftEndpoint;

/** A replica's address in the group; MicroRaft asks for an id and equality only. */
record MicroRaftEndpoint(int id) implements RaftEndpoint {
    @Override
    public Object getId() {
        return id;
    }
}
