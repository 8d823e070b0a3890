package io.meridian.replicator.internal;

import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.core.MeshLog;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.core.HeadTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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
    private volatile HeadTable table;
    /** Written on the queue only. */
    private final Set<MeshId> behind = ConcurrentHashMap.newKeySet();

    // Touched on the queue only.
    private final Map<MeshId, MeshLog.Subscription> headWatches = new HashMap<>();
    private final Set<HeadsFeed> feeds = new LinkedHashSet<>();
    private final Map<MeshId, Long> behindSince = new HashMap<>();
    private MeshLog.Subscription meshWatch = () -> {};
    private boolean closed;

    /** {@code onChange} is called on the queue with each mesh of which something new is known. */
    HeadBoard(ReplicatorSettings settings, SerialQueue queue, Consumer<MeshId> onChange) {
        this.settings = settings;
        this.queue = queue;
        this.onChange = onChange;
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
                headWatches.put(mesh, source.watchHead(mesh, head -> queue.execute(() -> ownHead(head))));
            }
        }
    }

    private void ownHead(Head head) {
        MeshId mesh = head.position().mesh();
        if (closed || head.isEmpty() || table.ownHead(mesh).filter(head::equals).isPresent()) {
            return;
        }
        table = table.withOwn(head);
        feeds.forEach(feed -> feed.changed(head));
        changed(mesh);
    }

    /** What a peer told, from any thread; {@code done} when it is taken in. */
    void peerHeads(RegionId peer, WatchHeadsResponse response, Runnable done) {
        queue.execute(() -> {
            List<Head> heads = parse(peer, response);
            table = table.withPeer(peer, heads, response.getFull());
            heads.forEach(head -> changed(head.position().mesh()));
            done.run();
        });
    }

    private static List<Head> parse(RegionId peer, WatchHeadsResponse response) {
        List<Head> heads = new ArrayList<>(response.getHeadsCount());
        for (io.meridian.api.replication.v1.Head proto : response.getHeadsList()) {
            try {
                heads.add(Heads.of(proto));
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

    /** A peer watches, from any thread. */
    void feed(ServerCallStreamObserver<WatchHeadsResponse> responses) {
        HeadsFeed feed = new HeadsFeed(settings.self(), settings.timings(), responses);
        responses.setOnCancelHandler(() -> queue.execute(() -> feeds.remove(feed)));
        responses.setOnReadyHandler(() -> queue.execute(() -> {
            if (feeds.contains(feed)) {
                feed.tick();
            }
        }));
        queue.execute(() -> {
            feeds.add(feed);
            feed.start(table.own().values());
        });
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
