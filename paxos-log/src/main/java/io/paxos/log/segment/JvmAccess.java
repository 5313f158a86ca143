package io.paxos.log.segment;

import java.util.ArrayList;
import java.util.List;

/**
 * Arranges what must hold before the first class of Chronicle is initialized.
 *
 * <p>Chronicle and Agrona use internals of the JVM that are closed by default. Without the flags that open them they
 * fail late, with exceptions that do not name the flag. So all flags are checked first. On the class path they are for
 * {@code ALL-UNNAMED}, on the module path for the module of the library that needs them.
 *
 * <p>Chronicle reads some system properties once. Without them it sends usage statistics and starts threads of its own.
 */
public final class JvmAccess {
    private static final String CHRONICLE = "net.openhft.chronicle.core.Jvm";
    private static final String AGRONA = "org.agrona.UnsafeApi";

    static {
        setUnlessSet("chronicle.analytics.disable", "true");
        setUnlessSet("chronicle.disk.monitor.disable", "true");
        setUnlessSet("chronicle.announcer.disable", "true");
        setUnlessSet("background.releaser", "false");
        setUnlessSet("chronicle.table.store.timeoutMS", "1000");
    }

    private JvmAccess() {}

    /**
     * Checks the flags of this JVM.
     *
     * @throws StorageException naming every missing flag
     */
    public static void require() throws StorageException {
        final List<String> missing = missingFlags(moduleOf(CHRONICLE), moduleOf(AGRONA));
        if (!missing.isEmpty()) {
            throw new StorageException("add to the java command line: " + String.join(" ", missing));
        }
    }

    private static List<String> missingFlags(final Module chronicle, final Module agrona) {
        final Module base = Object.class.getModule();
        final List<String> missing = new ArrayList<>();
        if (ModuleLayer.boot().findModule("jdk.unsupported").isEmpty()) {
            missing.add("--add-modules=jdk.unsupported");
        }
        for (final String name : List.of("java.lang.reflect", "sun.nio.ch")) {
            if (!base.isOpen(name, chronicle)) {
                missing.add(flag("--add-opens", name, chronicle));
            }
        }
        if (!base.isOpen("jdk.internal.misc", agrona)) {
            missing.add(flag("--add-opens", "jdk.internal.misc", agrona));
        }
        if (!base.isExported("jdk.internal.ref", chronicle)) {
            missing.add(flag("--add-exports", "jdk.internal.ref", chronicle));
        }
        return missing;
    }

    private static String flag(final String option, final String packageName, final Module module) {
        return option + "=java.base/" + packageName + "=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }

    /** The module of a class, which is loaded but not initialized. */
    private static Module moduleOf(final String className) throws StorageException {
        try {
            return Class.forName(className, false, JvmAccess.class.getClassLoader())
                    .getModule();
        } catch (ClassNotFoundException e) {
            throw new StorageException(
                    className + " is not on the class path or module path: add the dependencies of paxos-log", e);
        }
    }

    private static void setUnlessSet(final String name, final String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
