package io.meridian.replicator.internal;

import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.core.MeshLog;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.core.HeadTable;
import io.meridian.replicator.core.HeadTable.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The region's one {@link HeadTable}: fed by the own log and by what peers tell, told to whoever watches. The table is replaced on the
 * board's queue only and may be read from any thread.
 */
final class HeadBoard {
    private static final Logger log = LoggerFactory.getLogger(HeadBoard.class);

    private final ReplicatorSettings settings;
    private final SerialQueue queue;
    private final Consumer<MeshId> onChange;
    private final Consumer<MeshId> onEpoch;
    private volatile HeadTable table;
    /** Written on the queue only. */
    private final Set<MeshId> behind = ConcurrentHashMap.newKeySet();

    // Touched on the queue only.
    private final Map<MeshId, MeshLog.Subscription> headWatches = new HashMap<>();
    private final Set<HeadsFeed> feeds = new LinkedHashSet<>();
    private final Map<MeshId, Long> behindSince = new HashMap<>();
    private MeshLog.Subscription meshWatch = () -> {};
    /** Meshes that the log had at the start and has not told the head of yet; null until it told the meshes. */
    private @Nullable Set<MeshId> awaited;

    private boolean closed;

    /**
     * Both are called on the queue.
     *
     * @param onChange hears of each mesh of which something new is known
     * @param onEpoch hears, after that, of each mesh of which a peer tells another epoch or promise than before
     */
    HeadBoard(ReplicatorSettings settings, SerialQueue queue, Consumer<MeshId> onChange, Consumer<MeshId> onEpoch) {
        this.settings = settings;
        this.queue = queue;
        this.onChange = onChange;
        this.onEpoch = onEpoch;
        table = HeadTable.empty(settings.self());
    }

    HeadTable table() {
        return table;
    }

    void start(MeshLog log) {
        queue.execute(() -> meshWatch = log.watchMeshes(meshes -> queue.execute(() -> watch(log, meshes))));
    }

    private void watch(MeshLog source, Set<MeshId> meshes) {
        for (MeshId mesh : meshes) {
            if (!closed && !headWatches.containsKey(mesh)) {
                // Marked first: the watch may call back before it returns.
                headWatches.put(mesh, () -> {});
                headWatches.put(
                        mesh,
                        source.watchHead(
                                mesh, head -> queue.execute(() -> own(new Told(head, source.promised(mesh))))));
            }
        }
        if (awaited == null) {
            awaited = new HashSet<>(meshes);
            awaited.removeAll(table.own().keySet());
            tellAllIfKnown();
        }
    }

    private void own(Told told) {
        MeshId mesh = told.head().position().mesh();
        if (closed) {
            return;
        }
        if (!told.equals(table.own().get(mesh))) {
            table = table.withOwn(told);
            feeds.forEach(feed -> feed.changed(told));
            changed(mesh);
        }
        if (awaited != null && awaited.remove(mesh)) {
            tellAllIfKnown();
        }
    }

    /** A peer that was told everything takes a mesh that it was not told of for one that is not here. */
    private void tellAllIfKnown() {
        if (isComplete()) {
            feeds.forEach(feed -> feed.all(table.own().values()));
        }
    }

    private boolean isComplete() {
        return awaited != null && awaited.isEmpty();
    }

    /** What a peer told, from any thread; {@code done} when it is taken in. */
    void peerHeads(RegionId peer, WatchHeadsResponse response, Runnable done) {
        queue.execute(() -> {
            List<Told> heads = parse(peer, response);
            HeadTable before = table;
            table = before.withPeer(peer, heads, response.getFull());
            for (Told told : heads) {
                MeshId mesh = told.head().position().mesh();
                changed(mesh);
                if (before.tellsNews(peer, told)) {
                    onEpoch.accept(mesh);
                }
            }
            done.run();
        });
    }

    private static List<Told> parse(RegionId peer, WatchHeadsResponse response) {
        List<Told> heads = new ArrayList<>(response.getHeadsCount());
        for (io.meridian.api.replication.v1.Head proto : response.getHeadsList()) {
            try {
                heads.add(Heads.toldOf(proto));
            } catch (IllegalArgumentException e) {
                log.warn("head ignored region={} reason=\"{}\"", peer, e.getMessage());
            }
        }
        return heads;
    }

    private void changed(MeshId mesh) {
        if (table.homeLostItsTail(mesh)) {
            behindSince.putIfAbsent(mesh, Driver.now().nowMillis());
        } else {
            behindSince.remove(mesh);
            behind.remove(mesh);
        }
        onChange.accept(mesh);
    }

    /** For a moment a replica's word may overtake our own log's; and after a start the own heads come one by one. */
    private void noticeLostTails() {
        long now = Driver.now().nowMillis();
        behindSince.forEach((mesh, since) -> {
            if (now - since > settings.timings().peerSilence().toMillis() && behind.add(mesh)) {
                log.error(
                        "HOME IS BEHIND mesh={} own={} highest={}; a replica holds events that this home lost",
                        mesh,
                        table.ownHead(mesh).map(Head::position),
                        table.highest(mesh).map(Head::position));
            }
        });
    }

    /** Whether this region is home of the mesh and holds less than a replica, for longer than a moment. From any thread. */
    boolean lostTail(MeshId mesh) {
        return behind.contains(mesh);
    }

    /** A peer watches, from any thread; it calls this {@code stream}. */
    void feed(long stream, ServerCallStreamObserver<WatchHeadsResponse> responses) {
        HeadsFeed feed = new HeadsFeed(settings.self(), settings.timings(), stream, responses);
        responses.setOnCancelHandler(() -> queue.execute(() -> feeds.remove(feed)));
        responses.setOnReadyHandler(() -> queue.execute(() -> {
            if (feeds.contains(feed)) {
                feed.tick();
            }
        }));
        queue.execute(() -> {
            feeds.add(feed);
            if (isComplete()) {
                feed.all(table.own().values());
            } else {
                feed.some(table.own().values());
            }
        });
    }

    /** As if something new were known of {@code mesh}. */
    void lookAgain(MeshId mesh) {
        queue.execute(() -> changed(mesh));
    }

    void tick() {
        queue.execute(() -> {
            feeds.forEach(HeadsFeed::tick);
            noticeLostTails();
        });
    }

    void close() {
        queue.execute(() -> {
            closed = true;
            meshWatch.close();
            headWatches.values().forEach(MeshLog.Subscription::close);
            feeds.forEach(HeadsFeed::end);
            feeds.clear();
        });
    }
}
