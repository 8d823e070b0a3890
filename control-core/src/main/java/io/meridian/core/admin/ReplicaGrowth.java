package io.meridian.core.admin;

import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.Optional;

/** When each region's copy of each log last grew. Thread-safe; never blocks. */
@FunctionalInterface
public interface ReplicaGrowth {
    /** How long ago, to a second; empty if it has not grown since one looks. */
    Optional<Duration> since(String region, MeshId mesh);
}
