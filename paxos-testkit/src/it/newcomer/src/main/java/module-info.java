/** A program of a newcomer on the module path: it requires our jars by name. */
module org.example.modular {
    requires io.paxos.core;
    requires io.paxos.log;
    requires io.paxos.transport;
    requires org.agrona;
}
