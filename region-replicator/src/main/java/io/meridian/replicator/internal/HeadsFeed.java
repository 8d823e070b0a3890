package io.meridian.replicator.internal;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings.Timings;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One WatchHeads stream, server side: all heads, then what changed, and something at least every heartbeat. A new mesh or epoch goes out at
 * once; a head that only grew may wait a little and is told as the newest it has come to. Used on the board's queue only.
 */
final class HeadsFeed {
    private static final Duration LEAST_PAUSE = Duration.ofMillis(50);

    private final RegionId self;
    private final Timings timings;
    private final ServerCallStreamObserver<WatchHeadsResponse> responses;
    private final Map<MeshId, Head> unsent = new LinkedHashMap<>();
    private final Map<MeshId, Epoch> sentEpochs = new HashMap<>();
    private long sentAtMillis;
    private boolean full = true;

    HeadsFeed(RegionId self, Timings timings, ServerCallStreamObserver<WatchHeadsResponse> responses) {
        this.self = self;
        this.timings = timings;
        this.responses = responses;
    }

    void start(Collection<Head> heads) {
        heads.forEach(head -> unsent.put(head.position().mesh(), head));
        flush();
    }

    void changed(Head head) {
        MeshId mesh = head.position().mesh();
        unsent.put(mesh, head);
        if (!head.position().epoch().equals(sentEpochs.get(mesh)) || sinceLastSend() >= LEAST_PAUSE.toMillis()) {
            flush();
        }
    }

    void tick() {
        if (!unsent.isEmpty() || sinceLastSend() >= timings.headsHeartbeat().toMillis()) {
            flush();
        }
    }

    void end() {
        responses.onError(
                Status.UNAVAILABLE.withDescription("the region shuts down").asRuntimeException());
    }

    /** Sends what is due if the transport takes it; else the newest waits for the next tick. */
    void flush() {
        if (!responses.isReady()) {
            return;
        }
        WatchHeadsResponse.Builder response = WatchHeadsResponse.newBuilder()
                .setRegion(self.name())
                .setRegionIndex(self.index())
                .setFull(full)
                .setSchemaVersion(EventCodec.SCHEMA_VERSION);
        unsent.forEach((mesh, head) -> {
            response.addHeads(Heads.toProto(head));
            sentEpochs.put(mesh, head.position().epoch());
        });
        responses.onNext(response.build());
        unsent.clear();
        full = false;
        sentAtMillis = Driver.now().nowMillis();
    }

    private long sinceLastSend() {
        return Driver.now().nowMillis() - sentAtMillis;
    }
}
