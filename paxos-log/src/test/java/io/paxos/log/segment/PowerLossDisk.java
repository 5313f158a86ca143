package io.paxos.log.segment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A disk that knows what would be left if the power failed: the content of each file as of its last force, under the
 * names that its directory had at the last force of the directory. The strictest disk there may be.
 */
public final class PowerLossDisk extends Disk {
    private final Map<Object, byte[]> contents = new HashMap<>();
    private final Map<Path, Map<String, Object>> names = new HashMap<>();

    @Override
    public void force(final Path file, final FileChannel channel, final boolean metaData) throws IOException {
        try {
            keep(file);
        } catch (NoSuchFileException e) { // a roll has taken it meanwhile; a channel does not mind
            keep(Path.of(file.toString().replace(Layout.PREPARED_SUFFIX, Layout.SEGMENT_SUFFIX)));
        }
    }

    private void keep(final Path file) throws IOException {
        final Object key = key(file);
        final byte[] content = Files.readAllBytes(file); // before the force: what is written meanwhile does not count
        synchronized (this) {
            contents.put(key, content);
        }
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        final Map<String, Object> listing = new HashMap<>();
        try (Stream<Path> paths = Files.list(directory)) {
            for (final Path path : paths.toList()) {
                listing.put(path.getFileName().toString(), Files.isDirectory(path) ? path : key(path));
            }
        }
        synchronized (this) {
            names.put(directory, listing);
        }
    }

    /** Writes what would be left of a directory into a new one. */
    public synchronized void leftovers(final Path directory, final Path image) throws IOException {
        Files.createDirectories(image);
        names.getOrDefault(directory, Map.of()).forEach((name, what) -> {
            try {
                if (what instanceof Path child) {
                    leftovers(child, image.resolve(name));
                } else {
                    Files.write(image.resolve(name), contents.getOrDefault(what, new byte[0]));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Object key(final Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }
}
