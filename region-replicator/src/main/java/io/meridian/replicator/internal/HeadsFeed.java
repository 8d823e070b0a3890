package io.meridian.replicator.internal;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings.Timings;
import io.meridian.replicator.core.HeadTable.Told;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One WatchHeads stream, server side: all heads, then what changed, and something at least every heartbeat. While this region does not know
 * all its heads yet it tells those that it knows. A new mesh, epoch or promise goes out at once; a head that only grew may wait a little and is told as the newest it has come to. Used on the board's queue only.
 */
final class HeadsFeed {
    private static final Duration LEAST_PAUSE = Duration.ofMillis(50);

    private final RegionId self;
    private final Timings timings;
    private final ServerCallStreamObserver<WatchHeadsResponse> responses;
    private final Map<MeshId, Told> unsent = new LinkedHashMap<>();
    private final Map<MeshId, Told> sent = new HashMap<>();
    private final long stream;
    private long sentAtMillis;
    private long number;
    private boolean full;

    /** {@code stream}: what whoever watches calls it. */
    HeadsFeed(RegionId self, Timings timings, long stream, ServerCallStreamObserver<WatchHeadsResponse> responses) {
        this.self = self;
        this.timings = timings;
        this.stream = stream;
        this.responses = responses;
    }

    /** What is known so far. */
    void some(Collection<Told> heads) {
        heads.forEach(told -> unsent.put(told.head().position().mesh(), told));
        flush();
    }

    /** Everything that there is. */
    void all(Collection<Told> heads) {
        full = true;
        some(heads);
    }

    void changed(Told told) {
        MeshId mesh = told.head().position().mesh();
        unsent.put(mesh, told);
        if (isUrgent(told, sent.get(mesh)) || sinceLastSend() >= LEAST_PAUSE.toMillis()) {
            flush();
        }
    }

    private static boolean isUrgent(Told told, @Nullable Told before) {
        return before == null
                || !told.promised().equals(before.promised())
                || !epoch(told).equals(epoch(before));
    }

    private static Epoch epoch(Told told) {
        return told.head().position().epoch();
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
                .setStream(stream)
                .setNumber(++number)
                .setSchemaVersion(EventCodec.SCHEMA_VERSION);
        unsent.forEach((mesh, told) -> {
            response.addHeads(Heads.toProto(told));
            sent.put(mesh, told);
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
