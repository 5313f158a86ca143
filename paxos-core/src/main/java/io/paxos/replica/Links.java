package io.paxos.replica;

import io.paxos.protocol.Configuration;
import io.paxos.protocol.MultiPaxos;
import io.paxos.spi.Transport;

/** What transport and protocol tell each other of the ways to the other members. The replica's thread only. */
final class Links {
    private final Configuration configuration;
    private final Transport transport;
    private final MultiPaxos core;
    private final long followerLingerNs;
    private long unneeded; // voters whose proposals the transport may hold back, a bit each; 0 without followerLingerNs

    Links(
            final Configuration configuration,
            final Transport transport,
            final MultiPaxos core,
            final long followerLingerNs) {
        this.configuration = configuration;
        this.transport = transport;
        this.core = core;
        this.followerLingerNs = followerLingerNs;
    }

    /** Before a tick: tells the protocol of members without a way to them. The leader at once, others once a round. */
    void tellLost(final long nowNs) {
        final int leader = core.leaderId();
        if (leader != 0 && leader != configuration.self()) {
            tellIfLost(leader);
        }
        if (core.untilTickNs(nowNs) <= 0) {
            for (long rest = configuration.otherVoters(); rest != 0; rest = Configuration.withoutFirst(rest)) {
                tellIfLost(configuration.id(Configuration.first(rest)));
            }
        }
    }

    /** Tells the transport for whom proposals may linger. */
    void linger() {
        final long changed = followerLingerNs > 0 ? unneeded ^ core.unneeded() : 0;
        unneeded ^= changed;
        for (long rest = changed; rest != 0; rest = Configuration.withoutFirst(rest)) {
            final int voter = Configuration.first(rest);
            transport.linger(configuration.id(voter), Configuration.contains(unneeded, voter) ? followerLingerNs : 0);
        }
    }

    private void tellIfLost(final int member) {
        if (!transport.isReachable(member)) {
            core.lost(member);
        }
    }
}
