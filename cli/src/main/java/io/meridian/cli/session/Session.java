package io.meridian.cli.session;

import io.meridian.cli.context.Context;
import io.meridian.cli.context.ContextFile;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.rpc.Servers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of the command: console, environment, global options, and the servers, which are connected when first asked for. Owned by the thread
 * that runs the command.
 */
public final class Session implements AutoCloseable {
    /** Where start-dev's region is, and the demo's three. */
    public static final String DEFAULT_SERVERS = "127.0.0.1:15080,127.0.0.1:15081,127.0.0.1:15082";

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final Console console;
    private final Map<String, String> environment;
    private final Clock clock;
    private final GlobalOptions globals = new GlobalOptions();
    private @Nullable Servers servers;
    private @Nullable Context context;

    public Session(Console console, Map<String, String> environment, Clock clock) {
        this.console = console;
        this.environment = Map.copyOf(environment);
        this.clock = clock;
    }

    public Console console() {
        return console;
    }

    public GlobalOptions globals() {
        return globals;
    }

    public Instant now() {
        return clock.instant();
    }

    /** The value of an environment variable; null if it is not set or empty. */
    public @Nullable String environment(String name) {
        String value = environment.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    public Duration timeout() {
        return timeoutOr(DEFAULT_TIMEOUT);
    }

    public Duration timeoutOr(Duration fallback) {
        Duration timeout = globals.timeout;
        return timeout != null ? timeout : fallback;
    }

    public ContextFile contextFile() {
        return ContextFile.of(environment);
    }

    /** The mesh that is meant: the option, else $MERIDIAN_MESH, else the context's. */
    public String mesh(@Nullable String option) {
        if (option != null) {
            return option;
        }
        String mesh = environment("MERIDIAN_MESH");
        if (mesh == null) {
            mesh = context().mesh();
        }
        if (mesh == null) {
            throw CliFailure.usage(
                    "which mesh? Give --mesh NAME, set MERIDIAN_MESH, or choose one with 'meridian context set NAME --mesh MESH'");
        }
        return mesh;
    }

    /** The servers that the options, the environment or the context name; the same object each time. */
    public Servers servers() {
        Servers result = servers;
        if (result == null) {
            result = new Servers(addresses(), Actor.of(environment), "meridian-cli/" + Version.text(), timeout());
            servers = result;
        }
        return result;
    }

    private List<String> addresses() {
        String option = globals.server;
        if (option != null) {
            return Addresses.parse("--server", option);
        }
        String variable = environment("MERIDIAN_SERVER");
        if (variable != null && globals.context == null) {
            return Addresses.parse("MERIDIAN_SERVER", variable);
        }
        String server = context().server();
        return Addresses.parse("the context's server", server != null ? server : DEFAULT_SERVERS);
    }

    private Context context() {
        Context result = context;
        if (result == null) {
            result = contextFile().resolve(globals.context);
            context = result;
        }
        return result;
    }

    @Override
    public void close() {
        if (servers != null) {
            servers.close();
        }
    }
}
