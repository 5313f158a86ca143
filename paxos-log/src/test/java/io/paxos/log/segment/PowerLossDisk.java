package io.paxos.log.segment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A disk that knows what would be left if the power failed: the content of each file as of its last force, under the
 * names that its directory had at the last force of the directory. The strictest disk there may be.
 *
 * <p>After a failed force it does as Linux does: it takes the pages of that file for clean. They can be read until the
 * power fails, later forces of the file succeed and leave them out, and only what is written anew is kept.
 */
public final class PowerLossDisk extends Disk {
    private static final int PAGE_BYTES = 4096;

    private final Map<Object, byte[]> contents = new HashMap<>();
    private final Map<Path, Map<String, Object>> names = new HashMap<>();

    /** The content of each file when its force failed: a page that still looks so is not written any more. */
    private final Map<Object, byte[]> takenForClean = new HashMap<>();

    /** Open, so that no new file gets the key of a deleted one. */
    private final Map<Object, FileChannel> pinned = new HashMap<>();

    private final AtomicInteger operations = new AtomicInteger();
    private volatile boolean forcesFail;
    private volatile int failFrom = Integer.MAX_VALUE;

    /** Forces of segments fail until {@link #mend}. */
    public void failForces() {
        forcesFail = true;
    }

    /** Each write and each force fails from this one on, the next being 1, until {@link #mend}. */
    public void failFrom(final int operation) {
        operations.set(0);
        failFrom = operation;
    }

    public void mend() {
        forcesFail = false;
        failFrom = Integer.MAX_VALUE;
    }

    @Override
    public void write(final FileChannel channel, final ByteBuffer bytes, final long position) throws IOException {
        count();
        super.write(channel, bytes, position);
    }

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
            if (!pinned.containsKey(key)) {
                pinned.put(key, FileChannel.open(file, StandardOpenOption.READ));
            }
            if (operations.incrementAndGet() >= failFrom
                    || (forcesFail && file.toString().endsWith(Layout.SEGMENT_SUFFIX))) {
                takenForClean.put(key, content);
                throw new IOException("Input/output error (injected)");
            }
            leaveOutCleanPages(content, takenForClean.get(key), contents.getOrDefault(key, new byte[0]));
            contents.put(key, content);
        }
    }

    private static void leaveOutCleanPages(final byte[] content, final byte[] clean, final byte[] onDisk) {
        for (int at = 0; clean != null && at < content.length; at += PAGE_BYTES) {
            final int end = Math.min(at + PAGE_BYTES, content.length);
            if (end <= clean.length && Arrays.equals(content, at, end, clean, at, end)) {
                for (int i = at; i < end; i++) {
                    content[i] = i < onDisk.length ? onDisk[i] : 0;
                }
            }
        }
    }

    private void count() throws IOException {
        if (operations.incrementAndGet() >= failFrom) {
            throw new IOException("Input/output error (injected)");
        }
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        count();
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
