package io.paxos.testkit.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each planted bug still fits the code. This test is part of the build; {@link MutantsTest} is not. */
class MutantListTest {
    @ParameterizedTest
    @FieldSource("io.paxos.testkit.mutants.Mutant#ALL")
    void each_bug_can_still_be_planted(final Mutant mutant) throws IOException {
        for (final Mutant.Edit edit : mutant.edits()) {
            assertThat(Files.readString(edit.source())).contains(edit.original());
            assertThat(edit.planted()).isNotEqualTo(edit.original());
        }
    }
}
