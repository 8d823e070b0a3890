package io.meridian.core.internal;

import io.meridian.core.MeshStates;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets the inventory of clusters that are not in their mesh: what was left, or came back from another region or node, after the removal.
 * Only after they have been out for {@link #GRACE}, since inventory may arrive before the event that adds its cluster. What this node saw is
 * not stored: the grace begins anew with a restart. Calls must not overlap.
 */
final class InventorySweep {
    /** How long a region may lag behind the inventory of another without losing any. */
    static final Duration GRACE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(InventorySweep.class);
    private static final Duration READ_LIMIT = Duration.ofSeconds(30);

    private record Place(MeshId mesh, String cluster) {}

    private final LiveInventories inventories;
    private final MeshStates states;
    private final InstantSource clock;
    private final Map<Place, Instant> outSince = new HashMap<>();

    InventorySweep(LiveInventories inventories, MeshStates states, InstantSource clock) {
        this.inventories = inventories;
        this.states = states;
        this.clock = clock;
    }

    /** Blocks for as long as reading the states of the meshes takes. */
    void sweep() throws InterruptedException, ExecutionException, TimeoutException {
        Instant now = clock.instant();
        Set<Place> out = new HashSet<>();
        for (Map.Entry<MeshId, Set<String>> held : get(inventories.clusters()).entrySet()) {
            MeshId mesh = held.getKey();
            MeshStates.Read read =
                    get(states.latest(mesh, Optional.empty(), READ_LIMIT).toCompletableFuture());
            if (read instanceof MeshStates.Read.Found(var state)) {
                held.getValue().stream()
                        .filter(cluster -> !state.clusters().containsKey(cluster))
                        .forEach(cluster -> out.add(new Place(mesh, cluster)));
            }
        }
        outSince.keySet().retainAll(out);
        for (Place place : out) {
            Instant since = outSince.computeIfAbsent(place, first -> now);
            if (!now.isBefore(since.plus(GRACE))) {
                get(inventories.forget(place.mesh(), place.cluster()).toCompletableFuture());
                outSince.remove(place);
                LOG.info(
                        "inventory of a cluster that is not in the mesh forgotten mesh={} cluster={}",
                        place.mesh(),
                        place.cluster());
            }
        }
    }

    private static <T extends @Nullable Object> T get(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(READ_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
