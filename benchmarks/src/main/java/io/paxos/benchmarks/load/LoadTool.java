package io.paxos.benchmarks.load;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The command line. Exit codes: 0 done, 1 failed while running or a result is missing, 2 wrong arguments. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Measures clusters under load. Results are lines of JSON on standard output.",
        subcommands = {Run.class, Failover.class, MachineLimits.class, Compare.class},
        synopsisSubcommandLabel = "(run | failover | limits | compare)")
public final class LoadTool implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    LoadTool() {}

    /** Exits with the code of the subcommand. */
    public static void main(final String[] arguments) {
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        }
        final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        final PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(out, err, arguments));
    }

    /** Runs a command line and returns its exit code. */
    static int run(final PrintWriter out, final PrintWriter err, final String... arguments) {
        return new CommandLine(new LoadTool())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(LoadTool::misread)
                .setExecutionExceptionHandler(LoadTool::failed)
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "say what to do: run, failover, limits or compare");
    }

    private static int misread(final CommandLine.ParameterException e, final String[] arguments) {
        final CommandLine command = e.getCommandLine();
        print(command, e.getMessage() + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(final Exception e, final CommandLine command, final ParseResult result) {
        print(command, e instanceof Misuse ? e.getMessage() : "failed: " + e);
        return e instanceof Misuse ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static void print(final CommandLine command, final String message) {
        command.getErr().println("load: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    }
}
