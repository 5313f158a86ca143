package io.paxos.examples.kv;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The command line. Exit codes: 0 for success, 1 for a failure while running, 2 for a command line that is refused. */
@Command(
        name = "paxos-kv",
        mixinStandardHelpOptions = true,
        versionProvider = PaxosKv.Version.class,
        description = "A replicated key-value service with the Redis protocol.",
        subcommands = {Serve.class, Demo.class},
        synopsisSubcommandLabel = "(serve | demo)")
public final class PaxosKv implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private static final String REPLICA_LEVEL = "org.slf4j.simpleLogger.log.io.paxos.replica";

    PaxosKv() {}

    /** Exits with the code of the subcommand. */
    public static void main(final String[] arguments) {
        if (System.getProperty(REPLICA_LEVEL) == null) {
            System.setProperty(REPLICA_LEVEL, "info"); // elections, members that come and go, catch-up
        }
        final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        final PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(out, err, arguments));
    }

    /** Runs a command line and returns its exit code. */
    static int run(final PrintWriter out, final PrintWriter err, final String... arguments) {
        return new CommandLine(new PaxosKv())
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(PaxosKv::misread)
                .setExecutionExceptionHandler(PaxosKv::failed)
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: serve or demo");
    }

    private static int misread(final CommandLine.ParameterException e, final String[] arguments) {
        final CommandLine command = e.getCommandLine();
        print(command, e.getMessage() + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(final Exception e, final CommandLine command, final ParseResult result) {
        print(command, e instanceof UsageException ? e.getMessage() : "failed: " + e);
        return e instanceof UsageException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static void print(final CommandLine command, final String message) {
        command.getErr().println("paxos-kv: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    /** The version of the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            final String version = PaxosKv.class.getPackage().getImplementationVersion();
            return new String[] {"paxos-kv " + (version == null ? "(not packaged)" : version)};
        }
    }
}
