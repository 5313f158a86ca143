package io.paxos.examples.kv;

import io.paxos.Read;

/** What one connection has chosen. Belongs to its event loop. */
final class Session {
    private final long id;
    private String name = "";
    private Read read = Read.LINEARIZABLE;

    Session(final long id) {
        this.id = id;
    }

    long id() {
        return id;
    }

    String name() {
        return name;
    }

    void name(final String newName) {
        this.name = newName;
    }

    Read read() {
        return read;
    }

    void read(final Read newRead) {
        this.read = newRead;
    }
}
