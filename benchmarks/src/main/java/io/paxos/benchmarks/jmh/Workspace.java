package io.paxos.benchmarks.jmh;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A directory for one trial, below the one that {@code -Dbenchmarks.directory=...} names, or else below {@code target}.
 */
final class Workspace implements AutoCloseable {
    private static final String ROOT = "benchmarks.directory";

    private final Path directory;

    Workspace() throws IOException {
        final Path root = Path.of(System.getProperty(ROOT, "target")).toAbsolutePath();
        Files.createDirectories(root);
        directory = Files.createTempDirectory(root, "benchmark-");
    }

    Path directory() {
        return directory;
    }

    /** Deletes the directory with its contents. */
    @Override
    public void close() throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(final Path visited, final IOException thrown) throws IOException {
                if (thrown != null) {
                    throw thrown;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
