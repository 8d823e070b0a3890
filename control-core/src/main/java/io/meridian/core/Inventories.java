package io.meridian.core;

import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * What the clusters of a mesh run: services, workloads, endpoints. The latest state wins (by stamp); not part of the audited log. A report
 * made in one region is merged into every other. Thread-safe.
 */
public interface Inventories {
    /** Stamps and stores a local report durably. {@code replaceAll}: what of the cluster is not among {@code records} goes. */
    CompletionStage<Integer> report(MeshId mesh, String cluster, List<InventoryRecord> records, boolean replaceAll);

    /** Merges stamped records of another region; completes with how many were news. */
    CompletionStage<Integer> merge(MeshId mesh, String cluster, List<InventoryRecord> records);

    /** Every record (deletions included) of a mesh, by cluster. */
    CompletionStage<Map<String, List<InventoryRecord>>> all(MeshId mesh);

    /** Calls {@code listener} with every record that is there, then with each change, in order per cluster. It must not block. */
    MeshLog.Subscription watch(Listener listener);

    /** Forgets a cluster that left its mesh. */
    CompletionStage<Void> forget(MeshId mesh, String cluster);

    @FunctionalInterface
    interface Listener {
        void onRecords(MeshId mesh, String cluster, List<InventoryRecord> records);
    }
}
