package io.paxos.testkit.contract.log;

import io.paxos.spi.AcceptorLog;
import io.paxos.testkit.memory.MemoryDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The reference keeps the contract. What must not keep it is made of it, by {@link #broken}. */
class MemoryLogContractTest extends AcceptorLogContract {
    private final Map<Path, MemoryDisk> disks = new HashMap<>();

    @Override
    protected AcceptorLog open(final Path directory) {
        return broken(
                disks.computeIfAbsent(directory, path -> new MemoryDisk(1000)).open());
    }

    @Override
    protected Optional<Path> crashed(final Path directory) throws IOException {
        final Path left = newDirectory();
        disks.put(left, disks.get(directory).afterPowerLoss());
        return Optional.of(left);
    }

    AcceptorLog broken(final AcceptorLog log) {
        return log;
    }
}
