package io.paxos.benchmarks.load;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One line chart, as SVG: a title, a legend, two axes with their units, lines, and dashed vertical marks. */
final class Chart {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 380;
    private static final int LEFT = 92;
    private static final int RIGHT = 34;
    private static final int TOP = 56;
    private static final int BOTTOM = 46;
    private static final int COLOURS = 4;

    private static final int TITLE_Y = 18;
    private static final int LEGEND_Y = 40;
    private static final int SAMPLE_WIDTH = 22;
    private static final int SAMPLE_GAP = 6;
    private static final int ENTRY_GAP = 24;
    private static final double CHARACTER_WIDTH = 6.5; // of the font of the legend, on average

    /** A point; in the units of the axes. */
    record Point(double x, double y) {}

    private record Mark(double x, String label) {}

    /** Lines that mean the same: one colour and one entry of the legend. */
    private record Series(String name, List<List<Point>> lines) {}

    private final String title;
    private final Axis xAxis;
    private final String yTitle;
    private final boolean isLogarithmic;
    private final List<Series> series = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();

    private Chart(final String title, final Axis xAxis, final String yTitle, final boolean isLogarithmic) {
        this.title = title;
        this.xAxis = xAxis;
        this.yTitle = yTitle;
        this.isLogarithmic = isLogarithmic;
    }

    /** The y axis begins at 0. {@code yTitle}: what is measured, and in which unit. */
    static Chart linear(final String title, final Axis xAxis, final String yTitle) {
        return new Chart(title, xAxis, yTitle, false);
    }

    /** The y axis has a tick per power of ten; values below 1 are drawn at 1. */
    static Chart logarithmic(final String title, final Axis xAxis, final String yTitle) {
        return new Chart(title, xAxis, yTitle, true);
    }

    Chart line(final String name, final List<Point> points) {
        return lines(name, List.of(points));
    }

    /** Several lines of one meaning: they share a colour and an entry of the legend. */
    Chart lines(final String name, final List<List<Point>> lines) {
        series.add(new Series(name, List.copyOf(lines)));
        return this;
    }

    /** A dashed vertical line. Marks with the same label share an entry of the legend. */
    Chart mark(final double x, final String label) {
        marks.add(new Mark(x, label));
        return this;
    }

    String svg() {
        final StringBuilder svg = new StringBuilder();
        append(svg, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n", WIDTH, HEIGHT, escape(title));
        append(svg, "<text x=\"%d\" y=\"%d\" class=\"title\">%s</text>%n", LEFT, TITLE_Y, escape(title));
        final Axis yAxis = yAxis();
        appendLegend(svg);
        appendYAxis(svg, yAxis);
        appendXAxis(svg);
        for (final Mark mark : marks) {
            append(
                    svg,
                    "<g class=\"mark\"><line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\"/></g>%n",
                    x(mark.x),
                    TOP,
                    HEIGHT - BOTTOM);
        }
        for (int i = 0; i < series.size(); i++) {
            appendLines(svg, i, yAxis);
        }
        return svg.append("</svg>\n").toString();
    }

    private Axis yAxis() {
        final double highest = series.stream()
                .flatMap(one -> one.lines.stream())
                .flatMap(List::stream)
                .mapToDouble(Point::y)
                .max()
                .orElse(1);
        return isLogarithmic ? Axis.decades(yTitle, highest) : Axis.fromZero(yTitle, highest);
    }

    /** A sample of each series and of each kind of mark, with its name, in one row. */
    private void appendLegend(final StringBuilder svg) {
        double at = LEFT;
        for (int i = 0; i < series.size(); i++) {
            at = appendEntry(svg, "line c" + i % COLOURS, series.get(i).name, at);
        }
        final Set<String> labels = new LinkedHashSet<>();
        marks.forEach(mark -> labels.add(mark.label));
        for (final String label : labels) {
            at = appendEntry(svg, "mark", label, at);
        }
    }

    /** Returns where the next entry begins. */
    private static double appendEntry(final StringBuilder svg, final String style, final String name, final double at) {
        append(
                svg,
                "<g class=\"legend %s\"><line x1=\"%.1f\" x2=\"%.1f\" y1=\"%4$d\" y2=\"%4$d\"/>"
                        + "<text x=\"%5$.1f\" y=\"%6$d\">%7$s</text></g>%n",
                style,
                at,
                at + SAMPLE_WIDTH,
                LEGEND_Y - 4,
                at + SAMPLE_WIDTH + SAMPLE_GAP,
                LEGEND_Y,
                escape(name));
        return at + SAMPLE_WIDTH + SAMPLE_GAP + name.length() * CHARACTER_WIDTH + ENTRY_GAP;
    }

    private void appendXAxis(final StringBuilder svg) {
        for (final Axis.Tick tick : xAxis.ticks()) {
            append(
                    svg,
                    "<line class=\"grid\" x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\"/>"
                            + "<text class=\"x\" x=\"%1$.1f\" y=\"%4$d\" text-anchor=\"middle\">%5$s</text>%n",
                    x(tick.value()),
                    HEIGHT - BOTTOM,
                    HEIGHT - BOTTOM + 4,
                    HEIGHT - BOTTOM + 18,
                    escape(tick.label()));
        }
        append(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 8,
                escape(xAxis.title()));
    }

    private static void appendYAxis(final StringBuilder svg, final Axis axis) {
        for (final Axis.Tick tick : axis.ticks()) {
            final double at = y(axis, tick.value());
            append(
                    svg,
                    "<line class=\"grid\" x1=\"%1$d\" x2=\"%2$d\" y1=\"%3$.1f\" y2=\"%3$.1f\"/>"
                            + "<text class=\"y\" x=\"%4$d\" y=\"%5$.1f\" text-anchor=\"end\">%6$s</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    at,
                    LEFT - 6,
                    at + 4,
                    escape(tick.label()));
        }
        append(
                svg,
                "<text transform=\"rotate(-90)\" x=\"%d\" y=\"14\" text-anchor=\"middle\">%s</text>%n",
                -(TOP + HEIGHT - BOTTOM) / 2,
                escape(axis.title()));
    }

    private void appendLines(final StringBuilder svg, final int index, final Axis yAxis) {
        append(svg, "<g class=\"line c%d\">", index % COLOURS);
        for (final List<Point> line : series.get(index).lines) {
            append(svg, "<polyline points=\"");
            for (final Point point : line) {
                append(svg, "%.1f,%.1f ", x(point.x), y(yAxis, point.y));
            }
            append(svg, "\"/>");
        }
        append(svg, "</g>%n");
    }

    private double x(final double value) {
        return LEFT + xAxis.position(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(final Axis axis, final double value) {
        return HEIGHT - BOTTOM - axis.position(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static void append(final StringBuilder svg, final String format, final Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments));
    }

    private static String escape(final String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
