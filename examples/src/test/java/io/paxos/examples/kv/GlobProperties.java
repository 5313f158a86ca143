package io.paxos.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GlobProperties {
    /** Redis' own way: tries whatever a star may take, one after the other. */
    private static boolean matches(final byte[] pattern, final int p, final byte[] text, final int t) {
        if (p == pattern.length) {
            return t == text.length;
        }
        if (pattern[p] == '*') {
            return matches(pattern, p + 1, text, t) || (t < text.length && matches(pattern, p, text, t + 1));
        }
        if (t == text.length) {
            return false;
        }
        final int end = end(pattern, p);
        return new Glob(Arrays.copyOfRange(pattern, p, end)).matches(new byte[] {text[t]})
                && matches(pattern, end, text, t + 1);
    }

    /** Where the element ends that begins here. */
    private static int end(final byte[] pattern, final int p) {
        if (pattern[p] == '\\') {
            return Math.min(p + 2, pattern.length);
        }
        int end = p;
        if (pattern[p] == '[') {
            while (end < pattern.length && pattern[end] != ']') {
                end += pattern[end] == '\\' ? 2 : 1;
            }
        }
        return Math.min(end + 1, pattern.length);
    }

    @Property(tries = 5000)
    void a_match_is_one_in_redis_too(@ForAll("patterns") final String pattern, @ForAll("texts") final String text) {
        final byte[] bytes = pattern.getBytes(StandardCharsets.US_ASCII);
        final byte[] subject = text.getBytes(StandardCharsets.US_ASCII);

        assertThat(new Glob(bytes).matches(subject)).isEqualTo(matches(bytes, 0, subject, 0));
    }

    @Property
    void elements_beyond_the_first_64_count_as_well(@ForAll @IntRange(max = 200) final int length) {
        final String name = "abcdefgh".repeat(40).substring(length);

        assertThat(new Glob(("*" + name + "*?").getBytes(StandardCharsets.US_ASCII))
                        .matches(("ab" + name + name + "x").getBytes(StandardCharsets.US_ASCII)))
                .isTrue();
        assertThat(new Glob((name + "[^x]").getBytes(StandardCharsets.US_ASCII))
                        .matches((name + "x").getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
    }

    /** F14: time that grows with the product of both lengths holds the replica's thread. */
    @Test
    void the_steps_of_a_match_grow_with_the_text_alone() {
        final byte[] pattern =
                ("*" + "a".repeat(KvLimits.PATTERN_BYTES_MAX - 2) + "b").getBytes(StandardCharsets.US_ASCII);
        final Glob glob = new Glob(pattern);

        assertThat(glob.steps(KvLimits.ARGUMENT_BYTES_MAX)).isLessThan(10L * KvLimits.ARGUMENT_BYTES_MAX);
        assertThat(glob.matches("a".repeat(KvLimits.ARGUMENT_BYTES_MAX).getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.of("a", "b", "c", "*", "?", "[ab]", "[^a]", "[a-b]", "[", "]", "\\*", "\\", "[\\]a]")
                .list()
                .ofMaxSize(8)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars("abc*]\\").ofMaxLength(10);
    }
}
