package io.paxos.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One axis of a {@link Chart}: its range, and ticks at round values.
 *
 * <p>Example: {@code Axis.linear("seconds", 0, 12.6)} has the ticks 0, 2, 4, 6, 8, 10 and 12. The step is 1, 2 or 5
 * times a power of ten, and the smallest with which at most {@link #TICKS_MAX} ticks fit.
 *
 * @param title what is measured, and in which unit
 * @param from the value at the origin
 * @param to the value at the other end, above {@code from}
 * @param isLogarithmic whether the positions are those of {@code log10(value)}; then {@code from} is 1
 * @param ticks in ascending order, all within the range
 */
record Axis(String title, double from, double to, boolean isLogarithmic, List<Tick> ticks) {
    /** How many ticks an axis has at most. */
    static final int TICKS_MAX = 11;

    /** How far a value may lie beside a tick and still count as lying on it, in steps: rounding of binary fractions. */
    private static final double ROUNDING = 1e-9;

    /** A labelled position. */
    record Tick(double value, String label) {}

    Axis {
        requireRange(title, from, to);
        ticks = List.copyOf(ticks);
    }

    /** From one value to another, as they are; the ends need not be ticks. */
    static Axis linear(final String title, final double from, final double to) {
        requireRange(title, from, to);
        return new Axis(title, from, to, false, ticks(from, to, step(to - from)));
    }

    /** From 0 to the first tick that is not below {@code highest}. */
    static Axis fromZero(final String title, final double highest) {
        final double atLeast = Math.max(highest, 1);
        final double step = step(atLeast);
        final double to = Math.ceil(atLeast / step - ROUNDING) * step;
        return new Axis(title, 0, to, false, ticks(0, to, step));
    }

    /** A tick per power of ten, from 1 to the first that is not below {@code highest}. Lower values are drawn at 1. */
    static Axis decades(final String title, final double highest) {
        final int decades = Math.max(1, (int) Math.ceil(Math.log10(Math.max(1, highest)) - ROUNDING));
        final List<Tick> ticks = new ArrayList<>();
        for (int decade = 0; decade <= decades; decade++) {
            final double value = Math.pow(10, decade);
            ticks.add(new Tick(value, decade == 0 ? "≤ 1" : text(value, 0)));
        }
        return new Axis(title, 1, Math.pow(10, decades), true, ticks);
    }

    /** Where the value lies: 0 at the origin, 1 at the other end. */
    double position(final double value) {
        if (isLogarithmic) {
            return Math.log10(Math.max(from, value)) / Math.log10(to);
        }
        return (value - from) / (to - from);
    }

    private static void requireRange(final String title, final double from, final double to) {
        if (!(from < to)) {
            throw new IllegalArgumentException("the axis '" + title + "' is empty: " + from + ".." + to);
        }
    }

    private static double step(final double range) {
        final double unit = Math.pow(10, Math.floor(Math.log10(range)) - 1);
        for (final int factor : new int[] {1, 2, 5, 10}) {
            if (range / (factor * unit) <= TICKS_MAX - 1 + ROUNDING) {
                return factor * unit;
            }
        }
        return 20 * unit; // range / unit is below 100
    }

    private static List<Tick> ticks(final double from, final double to, final double step) {
        final int decimals = Math.max(0, -(int) Math.floor(Math.log10(step) + ROUNDING));
        final List<Tick> ticks = new ArrayList<>();
        final long first = (long) Math.ceil(from / step - ROUNDING);
        final long last = (long) Math.floor(to / step + ROUNDING);
        for (long i = first; i <= last; i++) {
            ticks.add(new Tick(i * step, text(i * step, decimals)));
        }
        return ticks;
    }

    private static String text(final double value, final int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
