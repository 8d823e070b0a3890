package io.meridian.core.internal;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.core.Inventories;
import io.meridian.core.MeshLog;
import io.meridian.model.inventory.InventoryMerge;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.InventoryStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All inventory of the region in memory, each change stored before it is told. One thread owns everything: the maps, the store, the calls of the
 * listeners. Work for it waits in a bounded queue; beyond it calls fail.
 */
final class LiveInventories implements Inventories, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveInventories.class);
    private static final int MAX_WAITING = 10_000;
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final RegionId region;
    private final InventoryStore store;
    private final InstantSource clock;
    private final ThreadPoolExecutor owner;
    private final Map<MeshId, Map<String, Map<InventoryKey, InventoryRecord>>> held = new HashMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    private long mark;

    /** {@code store} is closed with this. */
    LiveInventories(RegionId region, InventoryStore store, InstantSource clock) {
        this.region = region;
        this.store = store;
        this.clock = clock;
        owner = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                task -> Thread.ofPlatform().name("meridian-inventory").daemon().unstarted(task));
    }

    /** Takes over what is stored, and what other nodes of the region stored since the last time. */
    CompletableFuture<Void> recheck() {
        return own(() -> {
            InventoryStore.Changes changes = store.changedAfter(mark);
            mark = changes.mark();
            changes.changed().forEach(changed -> take(changed.mesh(), changed.cluster(), changed.records()));
            return null;
        });
    }

    @Override
    public CompletionStage<Integer> report(
            MeshId mesh, String cluster, List<InventoryRecord> records, boolean replaceAll) {
        return own(() -> {
            List<InventoryRecord> stored = store.stampAndStore(
                    mesh,
                    cluster,
                    clock.millis(),
                    stamp -> InventoryMerge.stamp(
                            held(mesh, cluster), lastOfEachKey(records), replaceAll, stamp, region.index()));
            take(mesh, cluster, stored);
            return stored.size();
        });
    }

    /** A report that names a key twice means its last word. */
    private static List<InventoryRecord> lastOfEachKey(List<InventoryRecord> records) {
        Map<InventoryKey, InventoryRecord> last = new LinkedHashMap<>();
        records.forEach(record -> last.put(record.getKey(), record));
        return List.copyOf(last.values());
    }

    @Override
    public CompletionStage<Integer> merge(MeshId mesh, String cluster, List<InventoryRecord> records) {
        return own(() -> {
            List<InventoryRecord> news = InventoryMerge.news(held(mesh, cluster), records);
            if (!news.isEmpty()) {
                store.store(mesh, cluster, news);
                take(mesh, cluster, news);
            }
            return news.size();
        });
    }

    @Override
    public CompletionStage<Map<String, List<InventoryRecord>>> all(MeshId mesh) {
        CompletableFuture<Map<String, List<InventoryRecord>>> found = own(() -> {
            Map<String, List<InventoryRecord>> clusters = new TreeMap<>();
            held.getOrDefault(mesh, Map.of())
                    .forEach((cluster, records) -> clusters.put(cluster, List.copyOf(records.values())));
            return clusters;
        });
        // What callers make of a whole inventory is no work for the owner's thread.
        return found.thenApplyAsync(clusters -> clusters);
    }

    /** Of which clusters anything is held, deletions included. */
    CompletableFuture<Map<MeshId, Set<String>>> clusters() {
        return own(() -> {
            Map<MeshId, Set<String>> clusters = new HashMap<>();
            held.forEach((mesh, ofMesh) -> clusters.put(mesh, Set.copyOf(ofMesh.keySet())));
            return clusters;
        });
    }

    @Override
    public MeshLog.Subscription watch(Listener listener) {
        run(() -> {
            listeners.add(listener);
            held.forEach((mesh, clusters) -> clusters.forEach(
                    (cluster, records) -> tell(listener, mesh, cluster, List.copyOf(records.values()))));
        });
        return () -> run(() -> listeners.remove(listener));
    }

    @Override
    public CompletionStage<Void> forget(MeshId mesh, String cluster) {
        return own(() -> {
            store.forget(mesh, cluster);
            Map<String, Map<InventoryKey, InventoryRecord>> clusters = held.get(mesh);
            if (clusters != null) {
                clusters.remove(cluster);
            }
            return null;
        });
    }

    private Map<InventoryKey, InventoryRecord> held(MeshId mesh, String cluster) {
        return held.getOrDefault(mesh, Map.of()).getOrDefault(cluster, Map.of());
    }

    /** Into memory and to the listeners, what is news of it. */
    private void take(MeshId mesh, String cluster, List<InventoryRecord> records) {
        List<InventoryRecord> news = InventoryMerge.news(held(mesh, cluster), records);
        if (news.isEmpty()) {
            return;
        }
        Map<InventoryKey, InventoryRecord> target = held.computeIfAbsent(mesh, id -> new HashMap<>())
                .computeIfAbsent(cluster, name -> new LinkedHashMap<>());
        news.forEach(record -> target.put(record.getKey(), record));
        List.copyOf(listeners).forEach(listener -> tell(listener, mesh, cluster, news));
    }

    private static void tell(Listener listener, MeshId mesh, String cluster, List<InventoryRecord> records) {
        try {
            listener.onRecords(mesh, cluster, records);
        } catch (RuntimeException e) {
            LOG.error("an inventory listener failed: mesh={} cluster={} records={}", mesh, cluster, records.size(), e);
        }
    }

    /** What nobody waits for. */
    private void run(Runnable work) {
        try {
            owner.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.warn(
                    "inventory call refused: closing={} waiting={}",
                    owner.isShutdown(),
                    owner.getQueue().size());
        }
    }

    private <T extends @Nullable Object> CompletableFuture<T> own(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, owner);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new RejectedExecutionException(
                    owner.isShutdown() ? "the region is closing" : "too many inventory calls are waiting", e));
        }
    }

    @Override
    public void close() {
        owner.shutdown();
        try {
            if (!owner.awaitTermination(CLOSING.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn(
                        "inventory work did not end in time and is given up: waiting={}",
                        owner.getQueue().size());
                owner.shutdownNow();
            }
        } catch (InterruptedException e) {
            owner.shutdownNow();
            Thread.currentThread().interrupt();
        }
        store.close();
    }
}
