package io.meridian.replicator.internal;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.replication.v1.WatchInventoryResponse;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.core.Inventories;
import io.meridian.core.MeshLog;
import io.meridian.model.inventory.InventoryMerge;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One WatchInventory stream, server side: every record, then each change, wherever it was made. What a slow peer has not taken yet is kept
 * by key, newest only, so it never grows beyond the inventory itself.
 *
 * <p>What was merged from the peer goes back to it once. It is no news there, so it ends there: with n regions a record travels at most
 * n · (n - 1) times.
 */
final class InventoryFeed {
    private static final int MAX_BATCH_RECORDS = 1000;

    private record Group(MeshId mesh, String cluster) {}

    private final ServerCallStreamObserver<WatchInventoryResponse> responses;
    private final Duration heartbeat;
    private final int maxBatchBytes;
    private final SerialQueue queue;

    // Touched on the queue only.
    private final Map<Group, Map<InventoryKey, InventoryRecord>> unsent = new LinkedHashMap<>();
    private MeshLog.@Nullable Subscription watch;
    private long sentAtMillis = Driver.now().nowMillis();
    private boolean ended;

    InventoryFeed(
            ServerCallStreamObserver<WatchInventoryResponse> responses,
            Duration heartbeat,
            int maxBatchBytes,
            Executor pool,
            Consumer<InventoryFeed> onEnd) {
        this.responses = responses;
        this.heartbeat = heartbeat;
        this.maxBatchBytes = maxBatchBytes;
        queue = new SerialQueue(pool);
        responses.setOnReadyHandler(() -> queue.execute(this::flush));
        responses.setOnCancelHandler(() -> {
            queue.execute(this::finish);
            onEnd.accept(this);
        });
    }

    void start(Inventories inventories) {
        queue.execute(() -> {
            if (!ended) {
                watch = inventories.watch(
                        (mesh, cluster, records) -> queue.execute(() -> changed(mesh, cluster, records)));
            }
        });
    }

    private void changed(MeshId mesh, String cluster, List<InventoryRecord> records) {
        if (ended || records.isEmpty()) {
            return;
        }
        Map<InventoryKey, InventoryRecord> group =
                unsent.computeIfAbsent(new Group(mesh, cluster), absent -> new LinkedHashMap<>());
        for (InventoryRecord record : records) {
            group.merge(
                    record.getKey(), record, (held, offered) -> InventoryMerge.isNewer(offered, held) ? offered : held);
        }
        flush();
    }

    private void flush() {
        while (!ended && !unsent.isEmpty() && responses.isReady()) {
            sendBatch();
        }
    }

    private void sendBatch() {
        var groups = unsent.entrySet().iterator();
        Map.Entry<Group, Map<InventoryKey, InventoryRecord>> first = groups.next();
        WatchInventoryResponse.Builder response = WatchInventoryResponse.newBuilder()
                .setMesh(first.getKey().mesh().value())
                .setCluster(first.getKey().cluster());
        Iterator<InventoryRecord> records = first.getValue().values().iterator();
        int bytes = 0;
        while (records.hasNext() && response.getRecordsCount() < MAX_BATCH_RECORDS && bytes < maxBatchBytes) {
            InventoryRecord record = records.next();
            response.addRecords(record);
            bytes += record.getSerializedSize();
            records.remove();
        }
        if (!records.hasNext()) {
            groups.remove();
        }
        send(response.build());
    }

    /** A message without records is a sign of life. */
    void tick() {
        queue.execute(() -> {
            flush();
            if (!ended && responses.isReady() && Driver.now().nowMillis() - sentAtMillis >= heartbeat.toMillis()) {
                send(WatchInventoryResponse.getDefaultInstance());
            }
        });
    }

    private void send(WatchInventoryResponse response) {
        responses.onNext(response);
        sentAtMillis = Driver.now().nowMillis();
    }

    void close() {
        queue.execute(() -> {
            if (!ended) {
                responses.onError(Status.UNAVAILABLE
                        .withDescription("the region shuts down")
                        .asRuntimeException());
                finish();
            }
        });
    }

    private void finish() {
        ended = true;
        unsent.clear();
        if (watch != null) {
            watch.close();
        }
    }
}
