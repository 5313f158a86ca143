package io.paxos.testkit.contract.machine;

import io.paxos.testkit.contract.BrokenPromise;
import io.paxos.testkit.contract.Bytes;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Two runs of the same inputs that must not differ.
 *
 * @param promise the promise that a difference breaks
 * @param one the first run, usually a plain one
 * @param circumstance what is different in the second run, as the end of the failure's text
 */
record MachineComparison(String promise, Run one, Run other, String circumstance) {
    private static final int INPUTS_SHOWN = 30;

    /** One circumstance of {@link MachineRun}. */
    interface Run {
        List<byte[]> of(List<MachineInput> inputs);
    }

    boolean differsOn(final List<MachineInput> inputs) {
        try {
            return MachineRun.firstDifference(one.of(inputs), other.of(inputs)) >= 0;
        } catch (final OtherJvm.MachineThrewException e) {
            return true;
        }
    }

    /** The inputs or fewer of them, such that the two runs still differ. */
    List<MachineInput> shortest(final List<MachineInput> inputs) {
        return ListReducer.reduce(inputs, this::differsOn);
    }

    /** The failure, with how the runs differ on the inputs. They are run again for this. */
    BrokenPromise broken(final List<MachineInput> inputs, final String source) {
        final List<byte[]> expected = one.of(inputs);
        final List<byte[]> actual;
        try {
            actual = other.of(inputs);
        } catch (final OtherJvm.MachineThrewException e) {
            return new BrokenPromise(
                    promise, "the state machine " + e.getMessage() + " " + circumstance + list(inputs, source));
        }
        final int index = MachineRun.firstDifference(expected, actual);
        if (index < 0) {
            return new BrokenPromise(
                    promise,
                    "replies differed once " + circumstance + ", and not when tried again" + list(inputs, source));
        }
        final MachineInput input = MachineRun.inputOf(inputs, index);
        final boolean isAnswer = promise.equals(MachinePromises.SAME_REPLIES) && input.isQuery();
        return new BrokenPromise(
                isAnswer ? MachinePromises.SAME_ANSWERS : promise,
                input + " is answered with " + Bytes.text(expected.get(index)) + ", and with "
                        + Bytes.text(actual.get(index)) + " " + circumstance + list(inputs, source));
    }

    private static String list(final List<MachineInput> inputs, final String source) {
        final String shown = inputs.stream()
                .limit(INPUTS_SHOWN)
                .map(input -> "\n    " + input)
                .collect(Collectors.joining());
        final int more = inputs.size() - INPUTS_SHOWN;
        return "; the inputs (" + source + "):" + shown + (more > 0 ? "\n    and " + more + " more" : "");
    }
}
