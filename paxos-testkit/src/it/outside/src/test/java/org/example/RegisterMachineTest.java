package org.example;

import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.machine.StateMachineContract;
import java.nio.ByteBuffer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

class RegisterMachineTest extends StateMachineContract {
    @Override
    protected StateMachine create() {
        return new RegisterMachine();
    }

    @Override
    protected Arbitrary<byte[]> commands() {
        return Arbitraries.longs()
                .map(value -> ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    @Override
    protected Arbitrary<byte[]> queries() {
        return Arbitraries.just(new byte[0]);
    }
}
