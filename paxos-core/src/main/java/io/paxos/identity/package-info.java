/**
 * Who takes part: what members tell each other before the first message, what each remembers of the others, and who is
 * refused. Not for users.
 *
 * <p>Paxos is right if no acceptor forgets, if all count the same quorums, and if a message comes from the member that
 * it names. This package checks that. It may see {@code io.paxos.spi}, {@code io.paxos.protocol} for the configuration,
 * and the logger.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/paxos-simple.pdf">Paxos Made Simple, section 2.1: the
 *     assumptions</a>
 */
package io.paxos.identity;
