/**
 * What a transport, a log and a state machine promise, as tests to inherit: extend the contract, say how to make yours,
 * and run it with jqwik's engine (of the user's choice; 1.9.3 is what we use).
 *
 * <pre>{@code
 * class MyLogTest extends AcceptorLogContract {
 *     @Override
 *     protected AcceptorLog open(Path directory) {
 *         return new MyLog(directory);
 *     }
 * }
 * }</pre>
 *
 * <p>A failure names the broken promise, and the steps that break it, shrunken by jqwik. Ours are held to the same, and
 * each contract is held to failing implementations that break one promise each. May see the core, the diagrams, jqwik's
 * API and Agrona; no transport and no log.
 */
package io.paxos.testkit.contract;
