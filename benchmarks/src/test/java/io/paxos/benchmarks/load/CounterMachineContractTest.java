package io.paxos.benchmarks.load;

import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.machine.StateMachineContract;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** The counter and its snapshots, with a state of more than one slice. */
class CounterMachineContractTest extends StateMachineContract {
    @Override
    protected StateMachine create() {
        return new CounterMachine(new CounterState(), 100_000);
    }

    @Override
    protected Arbitrary<byte[]> commands() {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(8).ofMaxSize(40);
    }

    @Override
    protected Arbitrary<byte[]> queries() {
        return Arbitraries.just(new byte[0]);
    }
}
