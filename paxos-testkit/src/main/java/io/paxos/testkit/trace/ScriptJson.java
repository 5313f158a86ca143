package io.paxos.testkit.trace;

import java.util.Map;

/**
 * Writes JSON that may stand within a {@code <script>} of an HTML page: no text in it can end the script or begin a
 * comment.
 *
 * @see <a
 *     href="https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements">HTML,
 *     restrictions for contents of script elements</a>
 */
final class ScriptJson {
    private static final int REPLACEMENT = 0xFFFD;

    private final StringBuilder text = new StringBuilder();
    private boolean needsComma; // whether a comma has to come before the next name or value

    ScriptJson object() {
        return open('{');
    }

    ScriptJson endObject() {
        return close('}');
    }

    ScriptJson array() {
        return open('[');
    }

    ScriptJson endArray() {
        return close(']');
    }

    /** A name; its value comes next. */
    ScriptJson name(final String name) {
        string(name);
        text.append(':');
        needsComma = false;
        return this;
    }

    ScriptJson string(final String value) {
        comma();
        text.append('"');
        value.codePoints().forEach(this::character);
        text.append('"');
        return this;
    }

    /** A number that a double can hold exactly: less than 2^53 either way. */
    ScriptJson number(final long value) {
        assert Math.abs(value) < 1L << 53 : "value=" + value;
        comma();
        text.append(value);
        return this;
    }

    ScriptJson strings(final Map<String, String> values) {
        object();
        values.forEach((name, value) -> name(name).string(value));
        return endObject();
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private ScriptJson open(final char bracket) {
        comma();
        text.append(bracket);
        needsComma = false;
        return this;
    }

    private ScriptJson close(final char bracket) {
        text.append(bracket);
        needsComma = true;
        return this;
    }

    private void comma() {
        if (needsComma) {
            text.append(',');
        }
        needsComma = true;
    }

    /**
     * Escapes what matters to HTML, {@code <>&}, to JSON or to JavaScript. Half a surrogate pair, which is no text, is
     * replaced.
     */
    private void character(final int c) {
        final boolean isPlain =
                c >= ' ' && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != '\'';
        if (isPlain) {
            text.append((char) c);
            return;
        }
        final boolean isHalf = Character.MIN_SURROGATE <= c && c <= Character.MAX_SURROGATE;
        for (final char unit : Character.toChars(isHalf ? REPLACEMENT : c)) {
            text.append(String.format("\\u%04x", (int) unit));
        }
    }
}
