package io.meridian.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.persistence.JournalUnavailableException;
import io.meridian.persistence.LogDamagedException;
import java.io.File;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The server's processes. Each runs in the foreground, prints one line that starts with {@code ready} on standard output once it serves,
 * and ends cleanly on SIGTERM or SIGINT.
 *
 * <p>Exit codes: 143 ended by SIGTERM and 130 by SIGINT (the JVM's own), 2 the command line or the configuration cannot be used, 70 it could
 * not start.
 */
@Command(
        name = "meridian",
        subcommands = {Main.StartDev.class, Main.Region.class, Main.StandaloneGateway.class},
        mixinStandardHelpOptions = true,
        description = "Meridian's server processes.")
public final class Main {
    private static final int CANNOT_START = 70;
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new Main()).setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof ConfigurationException || e instanceof ConfigException) {
                command.getErr().println("error: " + e.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            if (isForTheOperator(e)) {
                LOG.debug("op=start outcome=failed", e);
            } else {
                LOG.error("op=start outcome=failed reason=\"{}\"", e.getMessage(), e);
            }
            command.getErr().println("error: cannot start: " + rootMessage(e));
            return CANNOT_START;
        });
        System.exit(commandLine.execute(args));
    }

    /** Whether the sentence says it all: a taken port or folder, a damaged journal or one that is away. Anything else wants its stack trace. */
    private static boolean isForTheOperator(Exception e) {
        return e instanceof IOException
                || e instanceof IllegalStateException
                || e instanceof LogDamagedException
                || e instanceof JournalUnavailableException;
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        // Its own sentence names the database; what the driver says of a socket does not.
        while (cause.getCause() != null && !(cause instanceof JournalUnavailableException)) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    @Command(
            name = "start-dev",
            mixinStandardHelpOptions = true,
            description = "One region in one process, for development and small installations.")
    static final class StartDev implements Callable<Integer> {
        @Option(names = "--data", required = true, paramLabel = "DIR", description = "where its data lives")
        private String data = "";

        @Option(names = "--admin", paramLabel = "HOST:PORT", description = "the admin API (default 127.0.0.1:15080)")
        private String admin = "127.0.0.1:15080";

        @Option(names = "--xds", paramLabel = "HOST:PORT", description = "xDS for proxies (default 127.0.0.1:15010)")
        private String xds = "127.0.0.1:15010";

        @Option(names = "--peer", paramLabel = "HOST:PORT", description = "event feed for gateways that run alone")
        private String peer = "127.0.0.1:0";

        @Option(names = "--metrics", paramLabel = "HOST:PORT", description = "Prometheus metrics (default: off)")
        private String metrics = "";

        @Option(names = "--region", paramLabel = "NAME", description = "the region's name (default: local)")
        private String region = "local";

        @Override
        public Integer call() throws Exception {
            Config own = ConfigFactory.parseMap(Map.of(
                    "meridian.region.name",
                    region,
                    "meridian.data-dir",
                    data,
                    "meridian.admin.bind",
                    HostPort.parse("--admin", admin).toString(),
                    "meridian.peer.bind",
                    HostPort.parse("--peer", peer).toString(),
                    "meridian.xds.bind",
                    HostPort.parse("--xds", xds).toString(),
                    "meridian.metrics.bind",
                    metrics));
            return serve(ServerConfig.of(own));
        }
    }

    @Command(name = "region", mixinStandardHelpOptions = true, description = "One node of one region, from a file.")
    static final class Region implements Callable<Integer> {
        @Option(
                names = "--config",
                required = true,
                paramLabel = "FILE",
                description = "HOCON; keys as in reference.conf")
        private File config = new File("");

        @Override
        public Integer call() throws Exception {
            return serve(ServerConfig.load(config));
        }
    }

    @Command(
            name = "xds-gateway",
            mixinStandardHelpOptions = true,
            description = "An xDS gateway alone, fed by a region's peer address.")
    static final class StandaloneGateway implements Callable<Integer> {
        @Option(names = "--data", required = true, paramLabel = "DIR", description = "where its local copies live")
        private String data = "";

        @Option(names = "--feed", required = true, paramLabel = "HOST:PORT", description = "a region's peer address")
        private String feed = "";

        @Option(names = "--xds", paramLabel = "HOST:PORT", description = "xDS for proxies (default 127.0.0.1:15010)")
        private String xds = "127.0.0.1:15010";

        @Option(names = "--metrics", paramLabel = "HOST:PORT", description = "Prometheus metrics (default: off)")
        private String metrics = "";

        @Option(names = "--region", paramLabel = "NAME", description = "the name of the region that feeds it")
        private String region = "local";

        @Option(
                names = "--warm-up",
                paramLabel = "DURATION",
                description =
                        "at most so long it exercises its own code before it is ready; 0s: not at all (default 10s)")
        private String warmUp = "10s";

        @Override
        public Integer call() throws Exception {
            Config own = ConfigFactory.parseMap(Map.of(
                    "meridian.region.name", region,
                    "meridian.data-dir", data,
                    "meridian.xds.bind", HostPort.parse("--xds", xds).toString(),
                    "meridian.xds.warm-up", warmUp,
                    "meridian.metrics.bind", metrics));
            ServerConfig config = ServerConfig.of(own);
            try (GatewayProcess gateway = GatewayProcess.start(config, HostPort.parse("--feed", feed))) {
                return runUntilAsked(gateway, "ready gateway xds=" + gateway.xdsAddress());
            }
        }
    }

    private static int serve(ServerConfig config) throws Exception {
        RegionProcess region = RegionProcess.start(config);
        return runUntilAsked(
                region,
                "ready region=" + config.region().name() + " admin=" + region.adminAddress() + " peer="
                        + region.peerAddress() + " xds=" + region.xdsAddress());
    }

    /** SIGTERM runs the shutdown hook, which ends the process's parts; the JVM waits for the hook. */
    private static int runUntilAsked(AutoCloseable process, String ready) throws InterruptedException {
        CountDownLatch forever = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(process), "shutdown"));
        System.out.println(ready);
        System.out.flush();
        forever.await();
        return CommandLine.ExitCode.OK;
    }

    private static void close(AutoCloseable process) {
        try {
            process.close();
        } catch (Exception e) {
            LOG.warn("op=stop outcome=failed reason=\"{}\"", e.getMessage(), e);
        }
    }
}
