package io.meridian.cli.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that every verb takes, before or after its name. */
public final class GlobalOptions {
    @Option(
            names = "--server",
            paramLabel = "HOST:PORT[,...]",
            scope = ScopeType.INHERIT,
            description =
                    "Admin address of a region; of several, the first that can be reached. Else $MERIDIAN_SERVER, the context, 127.0.0.1:15080 to :15082.")
    public @Nullable String server;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "The context to use instead of the current one.")
    public @Nullable String context;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            scope = ScopeType.INHERIT,
            description =
                    "How long the command may take, retries included: 500ms, 10s, 2m. 10s; 30s for wait; 60s for handover and failover.")
    public @Nullable Duration timeout;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;
}
