package io.paxos.testkit.contract.machine;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;

/**
 * In what another JVM differs from this one.
 *
 * @param promise what a state machine breaks if it depends on the difference
 * @param hasOtherHashes whether all identity hashes are equal and {@code Set.of} iterates in the opposite direction.
 *     Equal identity hashes let a {@code HashMap} iterate in order of insertion, so two orders of insertion are enough
 *     to see that this JVM does not. The flag is HotSpot's; another VM ignores it and draws its own hashes
 * @param hasOtherEncoding whether the default charset and the line separator are others
 */
record JvmSettings(String promise, boolean hasOtherHashes, Locale locale, TimeZone zone, boolean hasOtherEncoding) {
    private static final Locale TURKISH = new Locale("tr", "TR"); // upper case of i, decimal comma
    private static final Locale ARABIC = new Locale("ar", "EG"); // digits, first day of the week
    private static final TimeZone FIRST = TimeZone.getTimeZone("Pacific/Kiritimati"); // UTC+14
    private static final TimeZone LAST = TimeZone.getTimeZone("Etc/GMT+12"); // UTC-12: never the same date as FIRST

    /** Two JVMs that differ from this one in all respects, and in locale and date from each other. */
    static List<JvmSettings> different() {
        return List.of(
                new JvmSettings(MachinePromises.OTHER_JVM, true, TURKISH, FIRST, true),
                new JvmSettings(MachinePromises.OTHER_JVM, false, ARABIC, LAST, false));
    }

    /** JVMs that differ from this one in one respect of these settings each. */
    List<JvmSettings> singly() {
        final Locale ownLocale = Locale.getDefault();
        final TimeZone ownZone = TimeZone.getDefault();
        return List.of(
                new JvmSettings(MachinePromises.HASHES, true, ownLocale, ownZone, false),
                new JvmSettings(MachinePromises.LOCALE, false, locale, ownZone, false),
                new JvmSettings(MachinePromises.ZONE, false, ownLocale, zone, false),
                new JvmSettings(MachinePromises.ENCODING, false, ownLocale, ownZone, true));
    }

    /** The JVM's options that make it so. */
    List<String> options() {
        final String charset = Charset.defaultCharset().equals(StandardCharsets.ISO_8859_1) ? "UTF-8" : "ISO-8859-1";
        return List.of(
                "-XX:+IgnoreUnrecognizedVMOptions",
                "-XX:+UnlockExperimentalVMOptions",
                hasOtherHashes ? "-XX:hashCode=2" : "-XX:hashCode=5",
                "-Duser.language=" + locale.getLanguage(),
                "-Duser.country=" + locale.getCountry(),
                "-Duser.script=" + locale.getScript(),
                "-Duser.variant=" + locale.getVariant(),
                "-Duser.timezone=" + zone.getID(),
                "-Dfile.encoding="
                        + (hasOtherEncoding ? charset : Charset.defaultCharset().name()),
                "-Dline.separator=" + (hasOtherEncoding ? "\r\n" : System.lineSeparator()));
    }

    @Override
    public String toString() {
        return (hasOtherHashes ? "other hashes, " : "") + "locale " + locale + ", zone " + zone.getID()
                + (hasOtherEncoding ? ", another charset and line separator" : "");
    }
}
