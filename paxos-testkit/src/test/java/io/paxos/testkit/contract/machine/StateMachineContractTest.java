package io.paxos.testkit.contract.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.statemachine.StateMachine;
import io.paxos.testkit.contract.Contracts;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each state machine that breaks a promise fails one test of the contract, by the name of that promise. */
class StateMachineContractTest {
    static List<Arguments> broken() {
        return List.of(
                Arguments.of(BrokenMachines.IdentityHash.class, MachinePromises.SAME_REPLIES),
                Arguments.of(BrokenMachines.SharedState.class, MachinePromises.SAME_REPLIES),
                Arguments.of(BrokenMachines.UnequalAnswers.class, MachinePromises.SAME_ANSWERS),
                Arguments.of(BrokenMachines.QueryChanges.class, MachinePromises.QUERIES_CHANGE_NOTHING),
                Arguments.of(BrokenMachines.ThrowsOnJunk.class, MachinePromises.NEVER_THROWS),
                Arguments.of(BrokenMachines.KeepsView.class, MachinePromises.BYTES_ALONE),
                Arguments.of(BrokenMachines.ReadsBeyond.class, MachinePromises.BYTES_ALONE),
                Arguments.of(BrokenMachines.WritesToCommand.class, MachinePromises.BYTES_ALONE),
                Arguments.of(BrokenMachines.LeavesReplyUnwritten.class, MachinePromises.REPLY_BUFFER),
                Arguments.of(BrokenMachines.WritesBeyondReply.class, MachinePromises.REPLY_BUFFER),
                Arguments.of(BrokenMachines.KeepsReplyBuffer.class, MachinePromises.REPLY_BUFFER),
                Arguments.of(BrokenMachines.WallClock.class, MachinePromises.NO_WALL_CLOCK),
                Arguments.of(BrokenMachines.ClusterTime.class, MachinePromises.NO_CLUSTER_TIME),
                Arguments.of(BrokenMachines.RareClock.class, MachinePromises.NO_WALL_CLOCK),
                Arguments.of(BrokenMachines.ClockOfSeconds.class, MachinePromises.NO_WALL_CLOCK),
                Arguments.of(BrokenMachines.After300.class, MachinePromises.SAME_REPLIES),
                Arguments.of(BrokenMachines.HiddenIdentifier.class, MachinePromises.SAME_REPLIES),
                Arguments.of(JvmDependentMachines.EnumHashOrder.class, MachinePromises.HASHES),
                Arguments.of(JvmDependentMachines.SaltedSet.class, MachinePromises.HASHES),
                Arguments.of(JvmDependentMachines.DefaultLocale.class, MachinePromises.LOCALE),
                Arguments.of(JvmDependentMachines.DefaultZone.class, MachinePromises.ZONE),
                Arguments.of(JvmDependentMachines.DefaultCharset.class, MachinePromises.ENCODING),
                Arguments.of(BrokenSnapshots.MissesPart.class, MachinePromises.SNAPSHOT_WHOLE),
                Arguments.of(BrokenSnapshots.MissesLastKey.class, MachinePromises.SNAPSHOT_WHOLE),
                Arguments.of(BrokenSnapshots.NeverEnds.class, MachinePromises.SNAPSHOT_WHOLE),
                Arguments.of(BrokenSnapshots.SeesLaterCommands.class, MachinePromises.SNAPSHOT_MOMENT),
                Arguments.of(BrokenSnapshots.SeesLaterValues.class, MachinePromises.SNAPSHOT_MOMENT),
                Arguments.of(BrokenSnapshots.ChangesCommands.class, MachinePromises.SNAPSHOT_MOMENT),
                Arguments.of(BrokenSnapshots.Merges.class, MachinePromises.SNAPSHOT_REPLACES),
                Arguments.of(BrokenSnapshots.MergesAfterDamage.class, MachinePromises.SNAPSHOT_REPLACES),
                Arguments.of(BrokenSnapshots.WritesWhatIsNew.class, MachinePromises.SNAPSHOT_AGAIN),
                Arguments.of(BrokenSnapshots.KeepsGivenUp.class, MachinePromises.SNAPSHOT_AGAIN),
                Arguments.of(BrokenSnapshots.TakesDamaged.class, MachinePromises.SNAPSHOT_DAMAGED));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void a_state_machine_that_breaks_a_promise_fails_one_test_by_the_name_of_that_promise(
            final Class<?> contract, final String promise) {
        final Contracts.Outcome outcome = Contracts.run(contract);

        assertThat(outcome.brokenPromises()).containsExactly(promise);
        assertThat(outcome.failures()).hasSize(1);
    }

    @Test
    void a_state_machine_that_keeps_its_promises_passes() {
        assertThat(Contracts.run(Intact.class).failures()).isEmpty();
        assertThat(Contracts.run(Intact.class).run()).isEqualTo(11);
    }

    @Test
    void one_with_snapshots_that_keeps_its_promises_passes() {
        assertThat(Contracts.run(IntactSnapshots.class).failures()).isEmpty();
    }

    @Test
    void one_that_declares_it_may_use_the_time_of_commands() {
        assertThat(Contracts.run(DeclaredClusterTime.class).failures()).isEmpty();
    }

    @Test
    void without_another_jvm_one_test_fails_and_says_why() {
        System.setProperty(OnlyHere.HERE, "yes"); // not on the command line, so another JVM does not get it
        try {
            assertThat(Contracts.run(OnlyHere.class).failures())
                    .singleElement()
                    .satisfies(failure -> assertThat(failure)
                            .hasMessageContaining("not known whether each JVM gives the same replies")
                            .hasMessageContaining("a port is taken"));
        } finally {
            System.clearProperty(OnlyHere.HERE);
        }
    }

    static class Intact extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new MapMachine();
        }
    }

    static class IntactSnapshots extends MapMachine.Contract {
        @Override
        protected StateMachine create() {
            return new SnapshottingMachine();
        }
    }

    static class DeclaredClusterTime extends BrokenMachines.ClusterTime {
        @Override
        protected boolean usesClusterTime() {
            return true;
        }
    }

    /** Can be made in this JVM alone. */
    static class OnlyHere extends Intact {
        static final String HERE = "paxos.test.here";

        OnlyHere() {
            if (System.getProperty(HERE) == null) {
                throw new IllegalStateException("a port is taken");
            }
        }
    }
}
