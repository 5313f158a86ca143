package io.paxos.benchmarks.load;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** One flat JSON object on one line. Its fields are in the order in which they were added. */
final class JsonLine {
    private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\":(-?[0-9.]+)");

    private final Map<String, String> fields = new LinkedHashMap<>();

    JsonLine text(final String name, final String value) {
        fields.put(name, '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        return this;
    }

    JsonLine whole(final String name, final long value) {
        fields.put(name, String.valueOf(value));
        return this;
    }

    /** Adds a number with so many digits after the point. */
    JsonLine number(final String name, final double value, final int digits) {
        fields.put(name, String.format(Locale.ROOT, "%." + digits + "f", value));
        return this;
    }

    /** The fields, and their values in JSON. */
    Map<String, String> fields() {
        return fields;
    }

    @Override
    public String toString() {
        return fields.entrySet().stream()
                .map(field -> '"' + field.getKey() + "\":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** The text of this field in such a line, if the text contains no quotes; empty if there is no such field. */
    static String textIn(final String line, final String name) {
        final Matcher matcher = Pattern.compile('"' + name + "\":\"([^\"]*)").matcher(line);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** The numbers in such a line, by field. */
    static Map<String, Double> numbers(final String line) {
        final Map<String, Double> numbers = new LinkedHashMap<>();
        final Matcher matcher = NUMBER.matcher(line);
        while (matcher.find()) {
            numbers.put(matcher.group(1), Double.valueOf(matcher.group(2)));
        }
        return numbers;
    }
}
