package io.meridian.core;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.persistence.Journal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The actor system that a node of a region lives in. */
public final class RegionSystem {
    /** All nodes of a region's cluster have it. */
    public static final String NAME = "meridian";

    private RegionSystem() {}

    /**
     * The whole configuration of a node: {@code overrides}, then where it lives, then {@code meridian/region.conf} and the journal's, then all
     * reference.conf. May hold the journal's password.
     *
     * @param clusterPort on 127.0.0.1; 0 for one that the system chooses
     * @param seedPorts of the nodes on this machine to join; empty for a region of this node alone
     */
    public static Config config(Path dataDirectory, int clusterPort, List<Integer> seedPorts, Config overrides) {
        Map<String, Object> place = new HashMap<>();
        place.put("pekko.remote.artery.canonical.port", clusterPort);
        place.put(
                "pekko.cluster.seed-nodes",
                seedPorts.stream()
                        .map(port -> "pekko://" + NAME + "@127.0.0.1:" + port)
                        .toList());
        return ConfigFactory.load(overrides
                .withFallback(ConfigFactory.parseMap(place, "place of this node"))
                .withFallback(ConfigFactory.parseResources("meridian/region.conf"))
                .withFallback(Journal.configured(overrides, dataDirectory).actorSettings()));
    }

    /** Without a guardian's work: everything in it is started by {@link RegionCore}. */
    public static ActorSystem<Void> create(Config config) {
        return ActorSystem.create(Behaviors.empty(), NAME, config);
    }
}
