package io.meridian.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.kafka.KafkaSettings;
import io.meridian.model.position.RegionId;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The configuration of a process, checked. The keys and their defaults are in this module's reference.conf. Immutable.
 *
 * @param warmUp how long, at most, the gateway exercises its code before it says that it is ready; zero: not at all
 * @param metricsBind empty: no metrics endpoint
 * @param kafka where events travel by Kafka; empty where they travel over gRPC
 * @param own what was given, without the defaults; Pekko's part too
 */
record ServerConfig(
        RegionId region,
        Path dataDir,
        HostPort adminBind,
        HostPort peerBind,
        HostPort xdsBind,
        Duration warmUp,
        Optional<HostPort> metricsBind,
        int clusterPort,
        List<Integer> seedPorts,
        List<Peer> peers,
        Optional<KafkaSettings> kafka,
        Config own) {

    /**
     * Another region, as this one reaches it.
     *
     * @param adminAddress told to people; may be empty
     * @param xdsAddress told to people; may be empty
     * @param witness whether it keeps promises and heads and no events
     * @param reserve whether it is no member of a mesh whose log names no members
     */
    record Peer(
            RegionId id, HostPort address, String adminAddress, String xdsAddress, boolean witness, boolean reserve) {}

    /** Under {@code meridian}: what is passed on to Cassandra's driver as it is. */
    private static final String CASSANDRA_DRIVER_KEYS = "journal.cassandra.driver.";

    private static final Set<String> PEER_KEYS =
            Set.of("name", "index", "address", "admin-address", "xds-address", "witness", "reserve");

    /** Reads a file over the defaults; system properties win. Throws {@link ConfigurationException}. */
    static ServerConfig load(File file) {
        if (!file.isFile()) {
            throw new ConfigurationException("--config: there is no file " + file);
        }
        try {
            // A password may come from the environment.
            return of(ConfigFactory.parseFile(file).resolve());
        } catch (ConfigException e) {
            throw new ConfigurationException("--config: " + file + ": " + e.getMessage());
        }
    }

    /** {@code own} over the defaults; system properties win. */
    static ServerConfig of(Config own) {
        Config all = ConfigFactory.load(own);
        refuseUnknownKeys(own);
        Config meridian = all.getConfig("meridian");
        String dataDir = meridian.getString("data-dir");
        if (dataDir.isBlank()) {
            throw new ConfigurationException("meridian.data-dir: must name the folder for this region's data");
        }
        RegionId self = region("meridian.region", meridian.getConfig("region"));
        String metrics = meridian.getString("metrics.bind");
        return new ServerConfig(
                self,
                Path.of(dataDir).toAbsolutePath(),
                bind(meridian, "admin.bind"),
                bind(meridian, "peer.bind"),
                bind(meridian, "xds.bind"),
                warmUp(meridian),
                metrics.isBlank() ? Optional.empty() : Optional.of(HostPort.parse("meridian.metrics.bind", metrics)),
                meridian.getInt("cluster.port"),
                List.copyOf(meridian.getIntList("cluster.seed-ports")),
                peers(self, meridian.getConfigList("peers")),
                KafkaConfig.read(meridian.getConfig("replication")),
                own);
    }

    private static HostPort bind(Config meridian, String key) {
        return HostPort.parse("meridian." + key, meridian.getString(key));
    }

    private static Duration warmUp(Config meridian) {
        Duration warmUp = meridian.getDuration("xds.warm-up");
        if (warmUp.isNegative()) {
            throw new ConfigurationException("meridian.xds.warm-up: " + warmUp + " is negative; 0s is none");
        }
        return warmUp;
    }

    private static List<Peer> peers(RegionId self, List<? extends Config> configs) {
        List<Peer> peers = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of(self.name()));
        Set<Integer> indexes = new HashSet<>(Set.of(self.index()));
        for (int i = 0; i < configs.size(); i++) {
            String key = "meridian.peers[" + i + "]";
            Config config = configs.get(i);
            refuseUnknown(key, config.root().keySet(), PEER_KEYS);
            RegionId id = region(key, config);
            if (!names.add(id.name())) {
                throw new ConfigurationException(key + ".name: the region " + id.name() + " is named twice");
            }
            if (!indexes.add(id.index())) {
                throw new ConfigurationException(key + ".index: " + id.index() + " belongs to another region");
            }
            peers.add(new Peer(
                    id,
                    HostPort.parse(key + ".address", config.getString("address")),
                    optional(config, "admin-address"),
                    optional(config, "xds-address"),
                    isOn(config, "witness"),
                    isOn(config, "reserve")));
        }
        return List.copyOf(peers);
    }

    private static RegionId region(String key, Config config) {
        try {
            return new RegionId(config.getString("name"), config.getInt("index"));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + ": " + e.getMessage());
        }
    }

    private static boolean isOn(Config config, String key) {
        return config.hasPath(key) && config.getBoolean(key);
    }

    private static String optional(Config config, String key) {
        return config.hasPath(key) ? config.getString(key) : "";
    }

    private static void refuseUnknownKeys(Config own) {
        if (!own.hasPath("meridian")) {
            return;
        }
        Set<String> known = keys(ConfigFactory.defaultReferenceUnresolved().getConfig("meridian"));
        Set<String> given = keys(own.getConfig("meridian"));
        given.removeIf(key -> key.startsWith(KafkaConfig.CLIENT_KEYS) || key.startsWith(CASSANDRA_DRIVER_KEYS));
        refuseUnknown("meridian", given, known);
    }

    private static Set<String> keys(Config config) {
        return config.entrySet().stream().map(entry -> entry.getKey()).collect(Collectors.toSet());
    }

    private static void refuseUnknown(String where, Set<String> keys, Set<String> known) {
        TreeSet<String> unknown = new TreeSet<>(keys);
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new ConfigurationException(
                    where + "." + unknown.first() + ": unknown key; known are " + new TreeSet<>(known));
        }
    }
}
