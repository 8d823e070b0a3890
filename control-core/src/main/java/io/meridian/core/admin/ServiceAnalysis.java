package io.meridian.core.admin;

import io.meridian.api.type.v1.Finding;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.core.Inventories;
import io.meridian.model.istio.Analysis;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.resource.ResourceKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Findings about services, which the home's decision does not know of: made by the region that took the command. */
final class ServiceAnalysis {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceAnalysis.class);

    private final Inventories inventories;

    ServiceAnalysis(Inventories inventories) {
        this.inventories = inventories;
    }

    /** Never fails: the write is done, and findings are advice. */
    CompletionStage<List<Finding>> findings(MeshState after, Collection<ResourceKey> keys) {
        return inventories
                .all(after.id())
                .thenApply(inventory -> Analysis.findings(after, hosts(after, inventory), keys))
                .exceptionally(failure -> {
                    LOG.warn("services not analysed mesh={}", after.id(), failure);
                    return List.of();
                });
    }

    private static Set<String> hosts(MeshState state, Map<String, List<InventoryRecord>> inventory) {
        Set<String> hosts = new HashSet<>();
        inventory.forEach((cluster, records) -> {
            if (state.clusters().containsKey(cluster)) {
                records.stream()
                        .filter(record -> record.getObject().hasService())
                        .forEach(record -> hosts.add(host(record.getObject().getService())));
            }
        });
        return hosts;
    }

    private static String host(InventoryService service) {
        return service.getHost().isEmpty()
                ? service.getName() + "." + service.getNamespace() + ".svc.cluster.local"
                : service.getHost();
    }
}
