package org.example.newcomer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The blocks of code of the README, as they stand. */
final class Readme {
    private static final Path PAGE = Path.of("../../../../README.md"); // from src/it and from target/it alike
    private static final Path CI = Path.of("../../../../.ci");
    private static final Pattern FENCE = Pattern.compile("(?m)^```(.*)$");
    private static final Pattern BLOCK = Pattern.compile("(?m)^```(\\w+)\\n(.*?)^```$", Pattern.DOTALL);

    private final String text;

    private Readme(final String text) {
        this.text = text;
    }

    static Readme read() throws IOException {
        return new Readme(Files.readString(PAGE));
    }

    /** What a script of the build consists of. */
    static List<String> script(final String name) throws IOException {
        return Files.readAllLines(CI.resolve(name));
    }

    /** What stands behind each fence: a language, and nothing, in turns. */
    List<String> fences() {
        return FENCE.matcher(text).results().map(match -> match.group(1)).toList();
    }

    /** The only block of this language with this text in it. */
    String block(final String language, final String with) {
        final List<String> found = BLOCK.matcher(text)
                .results()
                .filter(match -> match.group(1).equals(language))
                .map(MatchResult::group)
                .map(block -> block.substring(block.indexOf('\n') + 1, block.lastIndexOf("```")))
                .filter(block -> block.contains(with))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " blocks of " + language + " contain " + with);
        }
        return found.get(0);
    }
}
