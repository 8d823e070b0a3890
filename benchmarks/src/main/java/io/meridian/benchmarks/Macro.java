package io.meridian.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The macro runs; see {@code benchmarks/run}. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        subcommands = {
            CommandsRun.class,
            ReplicationRun.class,
            XdsRun.class,
            FloorRun.class,
            FloorServer.class,
            FailoverRun.class
        })
public final class Macro {
    private Macro() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Macro())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }
}
