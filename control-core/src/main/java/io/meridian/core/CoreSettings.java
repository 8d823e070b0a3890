package io.meridian.core;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.meridian.core.protocol.ProtocolSettings;
import io.meridian.model.position.RegionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a region's core is told. Each bound is explained in this module's reference.conf under {@code meridian.core}.
 *
 * @param dataDirectory holds everything that the region must not lose; one region's own
 * @param shared whether several nodes of the region have the directory open
 * @param witness whether the region only votes on who is home: it keeps promises and no events
 * @param reserve whether the region is no member of a mesh whose log names no members
 * @param snapshotEvery events of a segment between two snapshots
 * @param maxWaiting calls that may wait at one mesh, before it answers Unavailable
 * @param maxWaitingBytes of events that are not durable yet at one mesh
 * @param maxBatchEvents of one commit, unless one command has more
 * @param maxBatchBytes of one commit, unless one command has more
 * @param readers reads of the journal that run at once
 * @param recheck between looks into the journal for what other nodes of the region wrote
 * @param startTimeout for joining the cluster
 */
public record CoreSettings(
        RegionId region,
        Path dataDirectory,
        boolean shared,
        boolean witness,
        boolean reserve,
        int snapshotEvery,
        int maxWaiting,
        long maxWaitingBytes,
        int maxBatchEvents,
        int maxBatchBytes,
        int readers,
        Duration recheck,
        Duration startTimeout) {
    private static final String PATH = "meridian.core";
    /** A target so far behind catches up within a handover's time by a wide margin. */
    private static final long HANDOVER_LAG = 10_000;

    private static final int FETCH_EVENTS = 1000;
    private static final Set<String> KEYS = Set.of(
            "shared",
            "witness",
            "reserve",
            "snapshot-every",
            "max-waiting",
            "max-waiting-bytes",
            "max-batch-events",
            "max-batch-bytes",
            "readers",
            "recheck",
            "recheck-shared",
            "start-timeout");

    public CoreSettings {
        positive("snapshot-every", snapshotEvery);
        positive("max-waiting", maxWaiting);
        positive("max-waiting-bytes", maxWaitingBytes);
        positive("max-batch-events", maxBatchEvents);
        positive("max-batch-bytes", maxBatchBytes);
        positive("readers", readers);
        positive("recheck", recheck.toMillis());
        positive("start-timeout", startTimeout.toMillis());
    }

    /** From {@code meridian.core} of a configuration with the reference under it. Throws ConfigException for what cannot be. */
    public static CoreSettings of(Config config, RegionId region, Path dataDirectory) {
        Config core = config.getConfig(PATH);
        Set<String> unknown = new TreeSet<>(core.root().keySet());
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw new ConfigException.Generic(
                    "unknown keys in " + PATH + ": " + unknown + "; known are " + new TreeSet<>(KEYS));
        }
        boolean shared = core.getBoolean("shared");
        return new CoreSettings(
                region,
                dataDirectory,
                shared,
                core.getBoolean("witness"),
                core.getBoolean("reserve"),
                core.getInt("snapshot-every"),
                core.getInt("max-waiting"),
                core.getBytes("max-waiting-bytes"),
                core.getInt("max-batch-events"),
                Math.toIntExact(core.getBytes("max-batch-bytes")),
                core.getInt("readers"),
                core.getDuration(shared ? "recheck-shared" : "recheck"),
                core.getDuration("start-timeout"));
    }

    /** What the meshes' protocol is told; its times are the defaults. */
    public ProtocolSettings protocol(String incarnation) {
        return new ProtocolSettings(
                region,
                witness,
                reserve,
                incarnation,
                new ProtocolSettings.Limits(
                        maxBatchEvents, maxBatchBytes, maxWaiting, maxWaitingBytes, HANDOVER_LAG, FETCH_EVENTS),
                ProtocolSettings.Timing.DEFAULT);
    }

    private static void positive(String key, long value) {
        if (value < 1) {
            throw new ConfigException.BadValue(PATH + "." + key, "must be positive: " + value);
        }
    }

    /** For logs. */
    public Map<String, Object> summary() {
        return Map.of("region", region, "index", region.index(), "data", dataDirectory, "shared", shared);
    }
}
