package io.paxos.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A disk that calls back after each step, and fails the steps on files that a test names. */
public final class SteppedDisk extends Disk {
    /** What was done to a file or directory. */
    public enum Kind {
        WRITE,
        FORCE,
        FORCE_DIRECTORY,
        RENAME,
        DELETE
    }

    /** Sees each step. */
    public interface Observer {
        /** Is called on the thread of the step, behind it. The file is null for a write. */
        void done(Kind kind, Path file) throws IOException;
    }

    private volatile Observer observer = (kind, file) -> {};
    private volatile Kind failing;
    private volatile String failingFile = "";

    /** From now on steps are reported here. */
    public void observe(final Observer newObserver) {
        observer = newObserver;
    }

    /** Steps of this kind fail if the path of the file contains this text. Writes have no file. */
    public void fail(final Kind kind, final String file) {
        failingFile = file;
        failing = kind;
    }

    /** No step fails any more. */
    public void mend() {
        failing = null;
    }

    @Override
    public void write(final FileChannel channel, final ByteBuffer bytes, final long position) throws IOException {
        before(Kind.WRITE, null);
        super.write(channel, bytes, position);
        observer.done(Kind.WRITE, null);
    }

    @Override
    public void force(final Path file, final FileChannel channel, final boolean metaData) throws IOException {
        before(Kind.FORCE, file);
        super.force(file, channel, metaData);
        observer.done(Kind.FORCE, file);
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        before(Kind.FORCE_DIRECTORY, directory);
        super.forceDirectory(directory);
        observer.done(Kind.FORCE_DIRECTORY, directory);
    }

    @Override
    public void rename(final Path from, final Path to) throws IOException {
        before(Kind.RENAME, to);
        super.rename(from, to);
        observer.done(Kind.RENAME, to);
    }

    @Override
    public void delete(final Path file) throws IOException {
        before(Kind.DELETE, file);
        super.delete(file);
        observer.done(Kind.DELETE, file);
    }

    private void before(final Kind kind, final Path file) throws IOException {
        if (kind == failing && (file == null || file.toString().contains(failingFile))) {
            throw new IOException("No space left on device (injected)");
        }
    }
}
