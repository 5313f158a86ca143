/** An example of a user's own transport, over UDP, and of its test. */
package io.paxos.examples.udp;
