/**
 * Space-time diagrams, as in Lamport's papers: what happened in a run, and a picture of it in one HTML file.
 *
 * <p>Knows nothing of where a run comes from: {@link io.paxos.testkit.trace.Recorder} takes the events of a simulation
 * or of real replicas. May see the core and Agrona; no test framework.
 *
 * @see <a href="https://lamport.azurewebsites.net/pubs/time-clocks.pdf">Lamport: Time, Clocks, and the Ordering of
 *     Events, 1978</a>
 */
package io.paxos.testkit.trace;
