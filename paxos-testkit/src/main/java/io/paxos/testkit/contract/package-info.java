/**
 * What a transport, a log and a state machine promise, as tests to inherit. Extend the contract, create your
 * implementation in its abstract method, and run it with jqwik's engine. The version is yours to choose; 1.9.3 is
 * tested.
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
 * <p>One package for each: {@link io.paxos.testkit.contract.log}, {@link io.paxos.testkit.contract.transport}, {@link
 * io.paxos.testkit.contract.machine}. A failure names the broken promise and the steps that break it, shrunken by
 * jqwik. Our own implementations keep the same contracts. Each contract is tested with implementations that break one
 * promise each. May see the core, the diagrams, the parts in memory, jqwik's API and Agrona; no transport and no log.
 */
package io.paxos.testkit.contract;
