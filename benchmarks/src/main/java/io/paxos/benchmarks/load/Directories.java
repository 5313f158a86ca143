package io.paxos.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Makes directories that are deleted when this JVM ends. */
public final class Directories {
    private Directories() {}

    /** A new directory below this one; null: below the directory for temporary files. Deleted when this JVM ends. */
    public static Path fresh(final Path below) {
        try {
            if (below != null) {
                Files.createDirectories(below);
            }
            final Path fresh = below == null
                    ? Files.createTempDirectory("paxos-load-")
                    : Files.createTempDirectory(below, "paxos-load-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(fresh), "delete"));
            return fresh;
        } catch (final IOException e) {
            throw new Misuse("cannot write to " + (below == null ? "the directory for temporary files" : below) + " ("
                    + e + "); choose another --dir");
        }
    }

    /** Deletes the directory with its contents. A file that another thread has deleted meanwhile is no error. */
    private static void delete(final Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            final List<Path> deepestFirst =
                    tree.sorted(Comparator.reverseOrder()).toList();
            for (final Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (final IOException | UncheckedIOException e) {
            System.err.println("load: cannot delete " + directory + " (" + e + "); delete it yourself");
        }
    }
}
