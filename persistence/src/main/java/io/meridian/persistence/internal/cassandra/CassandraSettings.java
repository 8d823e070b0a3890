package io.meridian.persistence.internal.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import io.meridian.persistence.internal.Passwords;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code meridian.journal.cassandra} says; its keys are explained in this module's reference.conf. {@link #toString} has no secrets.
 *
 * @param contactPoints unresolved, so that a name is looked up again at each attempt
 * @param user empty where the cluster asks for nobody
 * @param replicationFactor of a keyspace that is missing
 * @param driver settings of the driver itself, each under {@code advanced}
 */
record CassandraSettings(
        List<InetSocketAddress> contactPoints,
        String datacenter,
        String keyspace,
        int replicationFactor,
        String user,
        String password,
        Duration connectTimeout,
        Duration requestTimeout,
        boolean periodicCommitLogAllowed,
        Config driver) {

    static final String PATH = "meridian.journal.cassandra";

    private static final Pattern CONTACT_POINT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^\\[\\]:\\s]+):(\\d{1,5})");
    /** What needs no quotes in CQL. */
    private static final Pattern KEYSPACE = Pattern.compile("[a-z][a-z0-9_]{0,47}");
    /** Rows of a page: the driver holds two pages in memory, and an event may have a MiB and more. */
    private static final int PAGE_ROWS = 100;

    /**
     * @param config with the reference under it, of {@value #PATH}
     * @throws ConfigException for what cannot be, with the key
     */
    static CassandraSettings of(Config config) {
        String keyspace = config.getString("keyspace");
        if (!KEYSPACE.matcher(keyspace).matches()) {
            throw bad(
                    "keyspace",
                    "must be a small letter and then at most 47 small letters, digits and underscores, is '" + keyspace
                            + "'");
        }
        String datacenter = config.getString("datacenter");
        if (datacenter.isBlank()) {
            throw bad("datacenter", "must name the region's data center, as nodetool status shows it");
        }
        int replicationFactor = config.getInt("replication-factor");
        if (replicationFactor < 1) {
            throw bad("replication-factor", "must be positive: " + replicationFactor);
        }
        String user = config.getString("user");
        String password = Passwords.read(config, PATH);
        if (user.isEmpty() && !password.isEmpty()) {
            throw bad("user", "is missing beside a password");
        }
        return new CassandraSettings(
                contactPoints(config.getString("contact-points")),
                datacenter,
                keyspace,
                replicationFactor,
                user,
                password,
                positive(config, "connect-timeout"),
                positive(config, "request-timeout"),
                config.getBoolean("allow-periodic-commit-log"),
                driver(config.getConfig("driver")));
    }

    private static List<InetSocketAddress> contactPoints(String text) {
        List<InetSocketAddress> points = new ArrayList<>();
        for (String point : text.split(",", -1)) {
            Matcher matcher = CONTACT_POINT.matcher(point.strip());
            if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
                throw bad("contact-points", "must be like HOST:9042,HOST:9042, is '" + text + "'");
            }
            points.add(InetSocketAddress.createUnresolved(matcher.group(1), Integer.parseInt(matcher.group(2))));
        }
        return List.copyOf(points);
    }

    private static Duration positive(Config config, String key) {
        Duration duration = config.getDuration(key);
        if (duration.isZero() || duration.isNegative()) {
            throw bad(key, "must be positive: " + duration);
        }
        return duration;
    }

    /** What our promises rest on stands under {@code basic} and is set by us. */
    private static Config driver(Config driver) {
        driver.entrySet().forEach(entry -> {
            if (!entry.getKey().startsWith("advanced.")) {
                throw bad("driver", "may hold keys under advanced only, not '" + entry.getKey() + "'");
            }
        });
        return driver;
    }

    private static ConfigException bad(String key, String message) {
        return new ConfigException.BadValue(PATH + "." + key, message);
    }

    /** Of a session whose statements find their tables in the keyspace. */
    CqlSessionBuilder inKeyspace() {
        return builder(true).withKeyspace(keyspace);
    }

    /** Of a session for {@link CassandraSchema}. */
    CqlSessionBuilder outsideKeyspace() {
        return builder(false);
    }

    /** {@code schemaKnown}: whether the driver learns the keyspace's tables, which routing to replicas needs and statements that change tables wait for. */
    private CqlSessionBuilder builder(boolean schemaKnown) {
        DriverConfigLoader own = DriverConfigLoader.programmaticBuilder()
                .withString(DefaultDriverOption.SESSION_NAME, "meridian")
                .withString(DefaultDriverOption.LOAD_BALANCING_LOCAL_DATACENTER, datacenter)
                .withString(DefaultDriverOption.REQUEST_CONSISTENCY, "LOCAL_QUORUM")
                .withString(DefaultDriverOption.REQUEST_SERIAL_CONSISTENCY, "LOCAL_SERIAL")
                .withInt(DefaultDriverOption.REQUEST_PAGE_SIZE, PAGE_ROWS)
                .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, requestTimeout)
                .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, connectTimeout)
                .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, connectTimeout)
                .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, connectTimeout)
                // A node that was away is tried again soon: until then a region of few nodes may have none.
                .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofMillis(500))
                .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(5))
                .withBoolean(DefaultDriverOption.METADATA_SCHEMA_ENABLED, schemaKnown)
                .withStringList(DefaultDriverOption.METADATA_SCHEMA_REFRESHED_KEYSPACES, List.of(keyspace))
                .withBoolean(DefaultDriverOption.RESOLVE_CONTACT_POINTS, false)
                // Whoever closes a session has waited for its answers: nothing more comes.
                .withInt(DefaultDriverOption.NETTY_IO_SHUTDOWN_QUIET_PERIOD, 0)
                .withInt(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_QUIET_PERIOD, 0)
                .build();
        CqlSessionBuilder builder = CqlSession.builder()
                .withConfigLoader(
                        driver.isEmpty()
                                ? own
                                : DriverConfigLoader.compose(
                                        own,
                                        DriverConfigLoader.fromString("datastax-java-driver "
                                                + driver.root().render(ConfigRenderOptions.concise()))))
                .addContactPoints(contactPoints.stream()
                        .map(point -> new InetSocketAddress(unbracketed(point.getHostString()), point.getPort()))
                        .toList());
        return user.isEmpty() ? builder : builder.withAuthCredentials(user, password);
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "the keyspace " + keyspace + " at "
                + String.join(
                        ",",
                        contactPoints.stream()
                                .map(point -> point.getHostString().toLowerCase(Locale.ROOT) + ":" + point.getPort())
                                .toList());
    }
}
