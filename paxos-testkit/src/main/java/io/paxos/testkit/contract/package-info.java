/**
 * What a log and a state machine promise, as tests to inherit: extend the contract, say how to make yours, and run it with
 * jqwik's engine (of the user's choice; 1.9.3 is what we use).
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
 * <p>A failure names the broken promise, and the steps that break it, shrunken by jqwik. May see jqwik, the interfaces that
 * have a contract, and Agrona.
 */
package io.paxos.testkit.contract;
