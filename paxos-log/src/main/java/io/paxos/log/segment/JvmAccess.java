package io.paxos.log.segment;

import java.util.ArrayList;
import java.util.List;

/**
 * What must be arranged before the first class of Chronicle loads.
 *
 * <p>Chronicle Queue and Agrona go through doors of the JVM that are closed by default, and fail late and in riddles when
 * they are. And Chronicle reads some properties once: without them it phones home and starts threads of its own.
 */
public final class JvmAccess {
    private static final List<String> OPENS = List.of("java.lang.reflect", "sun.nio.ch", "jdk.internal.misc");

    static {
        setUnlessSet("chronicle.analytics.disable", "true");
        setUnlessSet("chronicle.disk.monitor.disable", "true");
        setUnlessSet("chronicle.announcer.disable", "true");
        setUnlessSet("background.releaser", "false");
        setUnlessSet("chronicle.table.store.timeoutMS", "1000");
    }

    private JvmAccess() {}

    /** Checks the flags of this JVM.
     *
     * @throws StorageException naming every missing flag
     */
    public static void require() throws StorageException {
        final Module base = Object.class.getModule();
        final Module ours = JvmAccess.class.getModule();
        final List<String> missing = new ArrayList<>();
        for (final String name : OPENS) {
            if (!base.isOpen(name, ours)) {
                missing.add("--add-opens=java.base/" + name + "=ALL-UNNAMED");
            }
        }
        if (!missing.isEmpty()) {
            throw new StorageException("add to the java command line: " + String.join(" ", missing));
        }
    }

    private static void setUnlessSet(final String name, final String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
