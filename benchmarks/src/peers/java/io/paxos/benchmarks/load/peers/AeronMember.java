package io.paxos.benchmarks.load.peers;

import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.paxos.benchmarks.load.CounterState;
import io.paxos.benchmarks.load.Directories;
import io.paxos.benchmarks.load.Library;
import io.paxos.log.Durability;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NoOpLock;

/** One member: media driver, archive, consensus module and service, a thread for each. */
final class AeronMember implements AutoCloseable {
    /** How many ports a member needs: for clients, consensus, the log, catching up and the archive, in this order. */
    static final int PORTS = 5;

    private static final int MTU = 8192;
    private static final int ARCHIVE_PORT = 4;
    private static final int FORCED = 2; // data and metadata
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final int id;
    private final List<Integer> ports;
    private final Path directory;
    private final String aeronDirectory;
    private final int syncLevel;
    private final Supplier<IdleStrategy> idle;
    private final AeronCounter counter;
    private final ErrorHandler errors;

    /** True once {@link #close} was called: errors are no longer printed, since closing itself causes some. */
    private volatile boolean closing;

    private MediaDriver driver;
    private Archive archive;
    private ConsensusModule consensus;
    private ClusteredServiceContainer container;

    AeronMember(
            final int id,
            final List<Integer> ports,
            final Library.Setup setup,
            final Path memory,
            final Supplier<IdleStrategy> idle,
            final CounterState state) {
        this.id = id;
        this.ports = ports;
        this.idle = idle;
        counter = new AeronCounter(state);
        directory = setup.directory().resolve("member-" + id);
        aeronDirectory = memory.resolve("member-" + id).toString();
        syncLevel = setup.durability() == Durability.SYNC ? FORCED : 0;
        errors = error -> {
            if (!closing) {
                System.err.println("aeron-cluster: member " + id + ": " + error);
            }
        };
    }

    /** The directory for the buffers of the drivers: in memory, if the machine has a file system there. */
    static Path sharedMemory(final Path directory) {
        if (!Files.isDirectory(SHARED_MEMORY)) {
            return directory;
        }
        return Directories.fresh(SHARED_MEMORY);
    }

    void start() {
        final File cluster = directory.resolve("cluster").toFile();
        try {
            Files.createDirectories(cluster.toPath()); // else container and consensus module race to create it
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        driver = MediaDriver.launch(driverContext());
        archive = Archive.launch(archiveContext());
        consensus = ConsensusModule.launch(consensusContext(cluster));
        container = ClusteredServiceContainer.launch(new ClusteredServiceContainer.Context()
                .aeronDirectoryName(aeronDirectory)
                .archiveContext(archiveClient())
                .clusterDir(cluster)
                .clusteredService(counter)
                .idleStrategySupplier(idle)
                .terminationHook(() -> {})
                .errorHandler(errors));
    }

    private MediaDriver.Context driverContext() {
        return new MediaDriver.Context()
                .aeronDirectoryName(aeronDirectory)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(idle.get())
                .termBufferSparseFile(true)
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .spiesSimulateConnection(true)
                .mtuLength(MTU)
                .ipcMtuLength(MTU)
                .socketRcvbufLength(2 << 20)
                .socketSndbufLength(2 << 20)
                .initialWindowLength(1 << 20)
                .ipcTermBufferLength(16 << 20)
                .publicationTermBufferLength(16 << 20)
                .errorHandler(errors);
    }

    private Archive.Context archiveContext() {
        return new Archive.Context()
                .aeronDirectoryName(aeronDirectory)
                .archiveDir(directory.resolve("archive").toFile())
                .controlChannel("aeron:udp?endpoint=" + endpoint(id, ARCHIVE_PORT))
                .localControlChannel("aeron:ipc?term-length=64k")
                .replicationChannel("aeron:udp?endpoint=127.0.0.1:0")
                .archiveClientContext(
                        new AeronArchive.Context().controlResponseChannel("aeron:udp?endpoint=127.0.0.1:0"))
                .recordingEventsEnabled(false)
                .threadingMode(ArchiveThreadingMode.SHARED)
                .idleStrategySupplier(idle)
                .fileSyncLevel(syncLevel)
                .catalogFileSyncLevel(syncLevel)
                .errorHandler(errors);
    }

    private AeronArchive.Context archiveClient() {
        return new AeronArchive.Context()
                .aeronDirectoryName(aeronDirectory)
                .lock(NoOpLock.INSTANCE)
                .controlRequestChannel("aeron:ipc?term-length=64k")
                .controlResponseChannel("aeron:ipc?term-length=64k");
    }

    private ConsensusModule.Context consensusContext(final File cluster) {
        return new ConsensusModule.Context()
                .aeronDirectoryName(aeronDirectory)
                .clusterMemberId(id)
                .clusterMembers(members())
                .clusterDir(cluster)
                .archiveContext(archiveClient())
                .ingressChannel("aeron:udp?term-length=1m")
                .isIpcIngressAllowed(true)
                .logChannel("aeron:udp?term-length=16m")
                .replicationChannel("aeron:udp?endpoint=127.0.0.1:0")
                .fileSyncLevel(syncLevel)
                .idleStrategySupplier(idle)
                .terminationHook(() -> {})
                .errorHandler(errors);
    }

    private String members() {
        final StringBuilder members = new StringBuilder();
        for (int member = 0; member < ports.size() / PORTS; member++) {
            members.append(member);
            for (int kind = 0; kind < PORTS; kind++) {
                members.append(',').append(endpoint(member, kind));
            }
            members.append('|');
        }
        return members.toString();
    }

    private String endpoint(final int member, final int kind) {
        return "127.0.0.1:" + ports.get(PORTS * member + kind);
    }

    String aeronDirectory() {
        return aeronDirectory;
    }

    Cluster.Role role() {
        return counter.role();
    }

    @Override
    public void close() {
        closing = true;
        CloseHelper.closeAll(container, consensus, archive, driver);
    }
}
