package io.meridian.cli;

import io.grpc.StatusRuntimeException;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.rpc.ErrorReport;
import io.meridian.cli.session.Console;
import io.meridian.cli.session.GlobalOptions;
import io.meridian.cli.session.Session;
import io.meridian.cli.session.Version;
import io.meridian.cli.text.Durations;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The {@code meridian} command. */
@Command(
        name = "meridian",
        description = "Meridian: an event-sourced, multi-region, Istio-compatible service-mesh control plane.",
        synopsisSubcommandLabel = "VERB",
        versionProvider = Meridian.VersionText.class,
        footer = {
            "",
            "'meridian VERB --help' tells more. Started by the launcher besides these: start-dev, region, gateway --config (servers).",
            "",
            "Exit codes: 0 done; 1 differs or not yet; 2 wrong usage; 3 refused; 4 not found; 5 conflict; 6 unavailable or too late; 7 internal error."
        })
public final class Meridian implements Runnable {
    private static final List<String> OPTIONS_WITH_VALUE = List.of("--server", "--context", "--timeout");

    private final Session session;

    @Mixin
    final GlobalOptions globals;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    boolean version;

    Meridian(Session session) {
        this.session = session;
        this.globals = session.globals();
    }

    /** What --version prints. */
    static final class VersionText implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"meridian " + Version.text()};
        }
    }

    /** Ends the process with the exit code. */
    public static void main(String[] args) {
        // The launcher says whether stdout and stdin are terminals; asking the JDK would load its console.
        boolean colors = Boolean.getBoolean("meridian.tty") && System.getenv("NO_COLOR") == null;
        Console console = new Console(
                System.in,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                colors,
                Boolean.getBoolean("meridian.asks"));
        int exitCode;
        try (Session session = new Session(console, System.getenv(), Clock.systemUTC())) {
            exitCode = run(session, args);
        }
        System.exit(exitCode);
    }

    /** Runs one command; all that goes wrong is printed and comes back as an exit code. */
    public static int run(Session session, String... args) {
        try {
            int exitCode = commandLine(session, args).execute(args);
            if (exitCode != ExitCode.BROKEN_PIPE) {
                session.console().flush();
            }
            return exitCode;
        } catch (Console.BrokenPipe e) {
            return ExitCode.BROKEN_PIPE;
        }
    }

    private static CommandLine commandLine(Session session, String... args) {
        CommandLine commandLine = new CommandLine(new Meridian(session), new Factory(session));
        Optional<Class<?>> only = verb(args).flatMap(Verbs::named);
        // Completion describes all verbs; everything else needs its own only.
        boolean all = only.isEmpty() || verb(args).filter("completion"::equals).isPresent();
        (all ? Verbs.all() : List.<Class<?>>of(only.get())).forEach(commandLine::addSubcommand);
        StringWriter ignored = new StringWriter();
        return commandLine
                .registerConverter(Duration.class, Meridian::duration)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .setOverwrittenOptionsAllowed(false)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(110)
                .setColorScheme(
                        CommandLine.Help.defaultColorScheme(session.console().colors() ? Ansi.ON : Ansi.OFF))
                .setErr(session.console().err())
                .setOut(new PrintWriter(ignored, true))
                .setExecutionStrategy(result -> execute(session, ignored, result))
                .setParameterExceptionHandler((e, arguments) -> usage(session, e))
                .setExecutionExceptionHandler((e, command, result) -> failed(session, e));
    }

    private static int execute(Session session, StringWriter helpText, CommandLine.ParseResult result) {
        Integer help = CommandLine.executeHelpRequest(result);
        if (help != null) {
            session.console().print(helpText.toString());
            return ExitCode.DONE;
        }
        return new CommandLine.RunLast().execute(result);
    }

    /** The first word that is no option: the verb, if it is one. */
    private static Optional<String> verb(String... args) {
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("-")) {
                return Optional.of(args[i]);
            }
            if (OPTIONS_WITH_VALUE.contains(args[i])) {
                i++;
            }
        }
        return Optional.empty();
    }

    private static Duration duration(String text) {
        return Durations.parse(text)
                .orElseThrow(
                        () -> new TypeConversionException("\"" + text + "\" is not a length of time (500ms, 10s, 2m)"));
    }

    private static int usage(Session session, CommandLine.ParameterException e) {
        session.console().error(words(e));
        CommandLine.UnmatchedArgumentException.printSuggestions(
                e, session.console().err());
        session.console()
                .err()
                .println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    private static String words(CommandLine.ParameterException e) {
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            CommandSpec command = e.getCommandLine().getCommandSpec();
            String word = unmatched.getUnmatched().getFirst();
            return command.subcommands().isEmpty()
                    ? "\"" + word + "\" is one too many"
                    : "\"" + word + "\" is no verb of " + command.qualifiedName();
        }
        return String.valueOf(e.getMessage());
    }

    private static int failed(Session session, Exception e) {
        return switch (e) {
            case Console.BrokenPipe broken -> ExitCode.BROKEN_PIPE;
            case CliFailure failure -> report(session, failure);
            case StatusRuntimeException status -> report(session, ErrorReport.of(status));
            default -> {
                session.console().error("internal: " + e);
                if (session.environment("MERIDIAN_DEBUG") != null) {
                    e.printStackTrace(session.console().err());
                } else {
                    session.console().err().println("MERIDIAN_DEBUG=1 shows where.");
                }
                yield ExitCode.INTERNAL;
            }
        };
    }

    private static int report(Session session, CliFailure failure) {
        // What was printed before belongs before.
        session.console().flush();
        failure.lines().forEach(session.console()::error);
        return failure.exitCode();
    }

    /** {@code meridian} alone. */
    @Override
    public void run() {
        if (spec != null) {
            session.console().print(spec.commandLine().getUsageMessage());
        }
    }
}
