package io.meridian.replicator.internal;

import io.meridian.api.replication.v1.RegionPeerGrpc.RegionPeerStub;
import io.meridian.api.replication.v1.WatchHeadsRequest;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.api.replication.v1.WatchInventoryRequest;
import io.meridian.api.replication.v1.WatchInventoryResponse;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.core.WordOrder;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this region listens to at one peer beside the logs of meshes: its heads and its inventory. Thread-safe. */
final class PeerWatches {
    private static final Logger log = LoggerFactory.getLogger(PeerWatches.class);
    /** Merges may overlap: they commute. */
    private static final int MERGES_IN_FLIGHT = 8;

    private final Ports ports;
    private final ReplicatorSettings settings;
    private final PeerLink link;
    private final HeadBoard board;
    private final Consumer<RegionId> onBack;
    private final Watch<WatchHeadsRequest, WatchHeadsResponse> heads;
    private final Watch<WatchInventoryRequest, WatchInventoryResponse> inventory;
    /** Touched on the queue of {@code heads} only. */
    private WordOrder order = WordOrder.of(0);
    /** Whether nothing was heard on the stream of {@code heads} yet; touched on its queue only. */
    private boolean silentYet;

    /** {@code onBack} hears that the peer speaks again: after a silence, or on a new stream. */
    PeerWatches(
            Ports ports,
            ReplicatorSettings settings,
            PeerLink link,
            HeadBoard board,
            Consumer<RegionId> onBack,
            Executor pool) {
        this.ports = ports;
        this.settings = settings;
        this.link = link;
        this.board = board;
        this.onBack = onBack;
        String self = settings.self().name();
        heads = new Watch<>(
                "stream=heads region=" + link.id(),
                new SerialQueue(pool),
                (whenConnected, observer) -> {
                    order = WordOrder.of(ThreadLocalRandom.current().nextLong());
                    silentYet = true;
                    stub(whenConnected)
                            .watchHeads(
                                    WatchHeadsRequest.newBuilder()
                                            .setFromRegion(self)
                                            .setStream(order.stream())
                                            .build(),
                                    observer);
                },
                settings.timings(),
                settings.timings().peerSilence(),
                1,
                this::takeHeads);
        inventory = new Watch<>(
                "stream=inventory region=" + link.id(),
                new SerialQueue(pool),
                (whenConnected, observer) -> stub(whenConnected)
                        .watchInventory(
                                WatchInventoryRequest.newBuilder()
                                        .setFromRegion(self)
                                        .build(),
                                observer),
                settings.timings(),
                settings.timings().inventorySilence(),
                MERGES_IN_FLIGHT,
                this::takeInventory);
    }

    private RegionPeerStub stub(boolean whenConnected) {
        RegionPeerStub stub = link.stub();
        return whenConnected ? stub.withWaitForReady() : stub;
    }

    RegionId peer() {
        return link.id();
    }

    /** The peer opened a stream to this region: what waits to be tried again there is tried now. */
    void peerCalled() {
        heads.peerCalled();
        inventory.peerCalled();
    }

    void tick() {
        heads.tick();
        inventory.tick();
    }

    void close() {
        heads.close();
        inventory.close();
    }

    private void takeHeads(WatchHeadsResponse response, Runnable done) {
        RegionId peer = link.id();
        if (response.getRegionIndex() != peer.index() || !response.getRegion().equals(peer.name())) {
            log.error(
                    "WRONG REGION configured={} configuredIndex={} answered={} answeredIndex={}",
                    peer,
                    peer.index(),
                    response.getRegion(),
                    response.getRegionIndex());
            heads.restart("another region answers at this address");
            return;
        }
        switch (order.judge(response.getStream(), response.getNumber())) {
            case NEXT -> order = order.after(response.getNumber());
            case STALE -> {
                log.debug("heads ignored region={} number={} after={}", peer, response.getNumber(), order.last());
                done.run();
                return;
            }
            case MISSING -> {
                heads.restart("heads " + (order.last() + 1) + " to " + (response.getNumber() - 1) + " are missing");
                return;
            }
        }
        boolean back = link.spoke();
        boolean anew = silentYet;
        silentYet = false;
        board.peerHeads(link.id(), response, done);
        if (back) {
            log.info("peer reachable region={}", link.id());
        }
        if (back || anew) {
            // A region that restarts within the silence that makes it unreachable broke the streams of logs all the
            // same.
            onBack.accept(link.id());
        }
    }

    private void takeInventory(WatchInventoryResponse response, Runnable done) {
        if (response.getRecordsCount() == 0) {
            done.run();
            return;
        }
        if (!MeshId.isValid(response.getMesh()) || response.getCluster().isEmpty()) {
            log.warn(
                    "inventory ignored region={} mesh=\"{}\" cluster=\"{}\"",
                    link.id(),
                    response.getMesh(),
                    response.getCluster());
            done.run();
            return;
        }
        MeshId mesh = new MeshId(response.getMesh());
        Ports.ask(
                () -> ports.inventories().merge(mesh, response.getCluster(), response.getRecordsList()),
                settings.timings().mergeTimeout(),
                (news, failure) -> {
                    if (failure == null) {
                        log.debug(
                                "inventory merged region={} mesh={} cluster={} news={}",
                                link.id(),
                                mesh,
                                response.getCluster(),
                                news);
                        done.run();
                    } else {
                        // Nothing says what was lost: the stream starts with everything.
                        log.warn(
                                "inventory not merged region={} mesh={} cluster={} reason=\"{}\"",
                                link.id(),
                                mesh,
                                response.getCluster(),
                                Ports.reason(failure));
                        inventory.restart("a merge failed");
                    }
                });
    }
}
