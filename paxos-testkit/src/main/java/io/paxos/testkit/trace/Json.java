package io.paxos.testkit.trace;

import java.util.Map;

/**
 * Writes JSON that may stand within a {@code <script>} of an HTML page: no text in it can end the script or begin a comment.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements">HTML,
 *     restrictions for contents of script elements</a>
 */
final class Json {
    private final StringBuilder text = new StringBuilder();
    private boolean needsComma;

    Json object() {
        return open('{');
    }

    Json endObject() {
        return close('}');
    }

    Json array() {
        return open('[');
    }

    Json endArray() {
        return close(']');
    }

    /** A name; its value comes next. */
    Json name(final String name) {
        string(name);
        text.append(':');
        needsComma = false;
        return this;
    }

    Json string(final String value) {
        comma();
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            character(value.charAt(i));
        }
        text.append('"');
        return this;
    }

    /** A number that a double can hold exactly: less than 2^53 either way. */
    Json number(final long value) {
        assert Math.abs(value) < 1L << 53 : "value=" + value;
        comma();
        text.append(value);
        return this;
    }

    Json strings(final Map<String, String> values) {
        object();
        values.forEach((name, value) -> name(name).string(value));
        return endObject();
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private Json open(final char bracket) {
        comma();
        text.append(bracket);
        needsComma = false;
        return this;
    }

    private Json close(final char bracket) {
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

    /** {@code <>&} matter to HTML, the rest of those escaped to JSON, to JavaScript, or to UTF-8 (half a surrogate pair). */
    private void character(final char c) {
        final boolean isPlain =
                c >= ' ' && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != '\'';
        if (isPlain) {
            text.append(c);
        } else {
            text.append(String.format("\\u%04x", (int) c));
        }
    }
}
