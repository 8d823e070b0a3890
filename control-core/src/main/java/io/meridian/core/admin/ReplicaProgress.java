package io.meridian.core.admin;

import io.meridian.core.MeshLog;
import io.meridian.core.PeerRegions;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each region's copy of each log last grew: tells one that catches up from one that stands still. The own logs tell it themselves; what others
 * told last is looked at every second. Thread-safe.
 */
public final class ReplicaProgress implements ReplicaGrowth, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaProgress.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private record Copy(String region, MeshId mesh) {}

    /** {@code first}: how long it had been so before is not known. */
    private record Seen(Head head, long atNanos, boolean first) {}

    private final String local;
    private final MeshLog log;
    private final PeerRegions peers;
    private final LongSupplier nanoTime;
    private final Map<Copy, Seen> seen = new ConcurrentHashMap<>();
    private final Map<MeshId, MeshLog.Subscription> watched = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("replica-progress").factory());
    private final MeshLog.Subscription meshes;
    private volatile boolean closed;

    /** Looks until it is closed. */
    public static ReplicaProgress start(RegionId local, MeshLog log, PeerRegions peers) {
        ReplicaProgress progress = new ReplicaProgress(local, log, peers, System::nanoTime);
        var _ = progress.timer.scheduleWithFixedDelay(
                progress::lookQuietly, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return progress;
    }

    /** Watches the own logs from now on; at the others' looks whoever calls {@link #look}. */
    ReplicaProgress(RegionId local, MeshLog log, PeerRegions peers, LongSupplier nanoTime) {
        this.local = local.name();
        this.log = log;
        this.peers = peers;
        this.nanoTime = nanoTime;
        this.meshes = log.watchMeshes(this::watch);
    }

    private void watch(Set<MeshId> ids) {
        for (MeshId mesh : ids) {
            watched.computeIfAbsent(mesh, id -> log.watchHead(id, head -> see(local, head)));
        }
        if (closed) {
            unwatch();
        }
    }

    private void lookQuietly() {
        try {
            look();
        } catch (RuntimeException e) {
            // A timer's task that throws is never run again.
            LOG.warn("op=look_at_regions outcome=failed", e);
        }
    }

    /** At what the others told last. */
    void look() {
        for (PeerRegions.Peer peer : peers.peers()) {
            for (MeshId mesh : watched.keySet()) {
                peer.lastKnownHead(mesh).ifPresent(head -> see(peer.id().name(), head));
            }
        }
    }

    private void see(String region, Head head) {
        long now = nanoTime.getAsLong();
        seen.compute(
                new Copy(region, head.position().mesh()),
                (copy, before) -> before != null && before.head().equals(head)
                        ? before
                        : new Seen(head, now, before == null));
    }

    @Override
    public Optional<Duration> since(String region, MeshId mesh) {
        Seen last = seen.get(new Copy(region, mesh));
        return last == null || last.first()
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(nanoTime.getAsLong() - last.atNanos()));
    }

    private void unwatch() {
        watched.values().forEach(MeshLog.Subscription::close);
    }

    /** Idempotent. */
    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
        meshes.close();
        unwatch();
    }
}
