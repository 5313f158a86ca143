/** A transport of one's own, over UDP: how little it takes, and how it is tested. */
package io.paxos.examples.udp;
