package io.paxos.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One line chart, as SVG: axes, a line per series, and vertical marks. */
final class Chart {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 340;
    private static final int LEFT = 78;
    private static final int RIGHT = 34;
    private static final int TOP = 34;
    private static final int BOTTOM = 46;
    private static final int COLOURS = 4;
    private static final int TICKS = 5;

    /** A point; in the units of the axes. */
    record Point(double x, double y) {}

    /** A place on the x axis with a word to it. */
    record Mark(double x, String label) {}

    private record Line(String name, List<Point> points) {}

    private final String title;
    private final String xTitle;
    private final List<Mark> xTicks;
    private final boolean isLogarithmic;
    private final List<Line> lines = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();

    /** {@code xTicks}: where and what to write below the x axis, from its first to its last value. */
    private Chart(final String title, final String xTitle, final List<Mark> xTicks, final boolean isLogarithmic) {
        this.title = title;
        this.xTitle = xTitle;
        this.xTicks = List.copyOf(xTicks);
        this.isLogarithmic = isLogarithmic;
    }

    /** The y axis begins at 0. */
    static Chart linear(final String title, final String xTitle, final List<Mark> xTicks) {
        return new Chart(title, xTitle, xTicks, false);
    }

    /** The y axis has a decade at each tick; values below 1 are shown as 1. */
    static Chart logarithmic(final String title, final String xTitle, final List<Mark> xTicks) {
        return new Chart(title, xTitle, xTicks, true);
    }

    Chart line(final String name, final List<Point> points) {
        lines.add(new Line(name, List.copyOf(points)));
        return this;
    }

    Chart mark(final double x, final String label) {
        marks.add(new Mark(x, label));
        return this;
    }

    String svg() {
        final StringBuilder svg = new StringBuilder();
        append(svg, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n", WIDTH, HEIGHT, escape(title));
        append(svg, "<text x=\"%d\" y=\"18\" class=\"title\">%s</text>%n", LEFT, escape(title));
        yAxis(svg);
        for (final Mark tick : xTicks) {
            append(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    x(tick.x),
                    HEIGHT - BOTTOM + 18,
                    escape(tick.label));
        }
        append(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 8,
                escape(xTitle));
        for (final Mark mark : marks) {
            append(
                    svg,
                    "<g class=\"mark\"><line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\"/>"
                            + "<text x=\"%4$.1f\" y=\"%5$d\">%6$s</text></g>%n",
                    x(mark.x),
                    TOP,
                    HEIGHT - BOTTOM,
                    x(mark.x) + 3,
                    TOP + 10,
                    escape(mark.label));
        }
        for (int i = 0; i < lines.size(); i++) {
            line(svg, i);
        }
        return svg.append("</svg>\n").toString();
    }

    private void yAxis(final StringBuilder svg) {
        final double step = isLogarithmic ? 1 : yMax() / TICKS;
        for (double value = 0; value <= yMax() + step / 2; value += step) {
            final double at = HEIGHT - BOTTOM - value / yMax() * (HEIGHT - TOP - BOTTOM);
            append(
                    svg,
                    "<line class=\"grid\" x1=\"%1$d\" x2=\"%2$d\" y1=\"%3$.1f\" y2=\"%3$.1f\"/>"
                            + "<text x=\"%4$d\" y=\"%5$.1f\" text-anchor=\"end\">%6$s</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    at,
                    LEFT - 6,
                    at + 4,
                    String.format(Locale.ROOT, "%,.0f", isLogarithmic ? Math.pow(10, value) : value));
        }
    }

    private void line(final StringBuilder svg, final int index) {
        final Line line = lines.get(index);
        append(svg, "<g class=\"line c%d\"><polyline points=\"", index % COLOURS);
        for (final Point point : line.points) {
            append(svg, "%.1f,%.1f ", x(point.x), y(point.y));
        }
        append(
                svg,
                "\"/><text x=\"%d\" y=\"18\" text-anchor=\"end\">%s</text></g>%n",
                WIDTH - RIGHT - 90 * index,
                escape(line.name));
    }

    private double x(final double value) {
        final double from = xTicks.get(0).x;
        final double to = xTicks.get(xTicks.size() - 1).x;
        return LEFT + (value - from) / (to - from) * (WIDTH - LEFT - RIGHT);
    }

    private double y(final double value) {
        final double scaled = isLogarithmic ? Math.log10(Math.max(1, value)) : value;
        return HEIGHT - BOTTOM - scaled / yMax() * (HEIGHT - TOP - BOTTOM);
    }

    /** The end of the axis: a whole decade, or a round number that {@link #TICKS} divides. */
    private double yMax() {
        final double highest = lines.stream()
                .flatMap(line -> line.points.stream())
                .mapToDouble(Point::y)
                .max()
                .orElse(1);
        if (isLogarithmic) {
            return Math.max(1, Math.ceil(Math.log10(Math.max(1, highest))));
        }
        final double unit = Math.pow(10, Math.floor(Math.log10(Math.max(TICKS, highest) / TICKS)));
        return Math.ceil(Math.max(1, highest) / (TICKS * unit)) * TICKS * unit;
    }

    private static void append(final StringBuilder svg, final String format, final Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments));
    }

    private static String escape(final String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
