package io.paxos.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Opens many damaged directories in a JVM of its own, which a signal would end. Each seed damages files of every kind:
 * bits, zeroed sectors, garbage, cut and deleted files.
 *
 * <p>{@code -Dpaxos.damages=1000} opens so many; {@code -Dpaxos.damageSeed=17} begins with that seed.
 */
class DamagedDirectoriesTest {
    private static final int DAMAGES = Integer.getInteger("paxos.damages", 40);
    private static final long FIRST_SEED = Long.getLong("paxos.damageSeed", 1);

    /** Says for each seed what became of the directory. */
    static final class Opener {
        private Opener() {}

        public static void main(final String[] arguments) throws Exception {
            final long firstSeed = Long.parseLong(arguments[0]);
            final long limit = firstSeed + Long.parseLong(arguments[1]);
            DamageProperties.write();
            try {
                for (long seed = firstSeed; seed < limit; seed++) {
                    System.out.println("seed " + seed); // before: a signal leaves no other trace
                    System.out.println(DamageProperties.wholeOrRefused(seed));
                }
            } finally {
                DamageProperties.delete();
            }
        }
    }

    /** F20, F46, L14, L15. */
    @Test
    void each_is_opened_with_all_that_was_durable_or_refused_in_one_line_and_no_signal_ends_the_process()
            throws Exception {
        final Process process = ChildJvm.start(Opener.class, "" + FIRST_SEED, "" + DAMAGES);
        final String output = ChildJvm.output(process);
        final List<String> seeds =
                output.lines().filter(line -> line.startsWith("seed ")).toList();
        final String last = seeds.isEmpty() ? "seed 0" : seeds.get(seeds.size() - 1);
        final String replay = "replay: mvn -pl paxos-log -am test -Dtest=DamagedDirectoriesTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dpaxos.damages=1 -Dpaxos.damageSeed="
                + last.substring("seed ".length());
        assertThat(process.waitFor()).as(replay + "\n" + output).isZero();
        final long whole = output.lines().filter("whole"::equals).count();
        final long refused = output.lines().filter("refused"::equals).count();
        System.out.println("seeds from " + FIRST_SEED + " on: " + whole + " whole, " + refused + " refused; " + replay);
        assertThat(whole + refused).isEqualTo(DAMAGES);
    }
}
