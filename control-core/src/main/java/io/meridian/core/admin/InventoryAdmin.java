package io.meridian.core.admin;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.ApplyInventoryResponse;
import io.meridian.api.admin.v1.ClusterInventory;
import io.meridian.api.admin.v1.InventoryServiceGrpc;
import io.meridian.api.admin.v1.ListInventoryRequest;
import io.meridian.api.admin.v1.ListInventoryResponse;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.core.Inventories;
import io.meridian.core.PeerRegions;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.inventory.InventoryChecks;
import io.meridian.model.inventory.InventoryKeys;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** InventoryService. */
final class InventoryAdmin extends InventoryServiceGrpc.InventoryServiceImplBase {
    /** Upserts and deletes of one request together. */
    static final int MAX_OBJECTS = 20_000;

    private static final String COLLECTION = "clusters";
    private static final Comparator<InventoryRecord> ORDER = Comparator.<InventoryRecord>comparingInt(
                    record -> record.getKey().getKindValue())
            .thenComparing(record -> record.getKey().getNamespace())
            .thenComparing(record -> record.getKey().getName());

    private final Reads reads;
    private final Inventories inventories;
    private final PeerRegions peers;

    InventoryAdmin(Reads reads, Inventories inventories, PeerRegions peers) {
        this.reads = reads;
        this.inventories = inventories;
        this.peers = peers;
    }

    @Override
    public void applyInventory(ApplyInventoryRequest request, StreamObserver<ApplyInventoryResponse> observer) {
        Answers.answer(observer, () -> {
            Names.Child cluster = Names.child("parent", request.getParent(), COLLECTION);
            List<InventoryRecord> records = records(request);
            return requireCluster(cluster, Call.current())
                    .thenCompose(
                            state -> inventories.report(cluster.mesh(), cluster.id(), records, request.getReplaceAll()))
                    .thenApply(changed -> ApplyInventoryResponse.newBuilder()
                            .setChanged(changed)
                            .build());
        });
    }

    /** A cluster that this region has not heard of may have been added at the home a moment ago: what the home told is waited for. */
    private CompletionStage<MeshState> requireCluster(Names.Child cluster, Call call) {
        return reads.active(cluster.mesh(), Optional.empty(), call).thenCompose(state -> {
            if (state.clusters().containsKey(cluster.id())) {
                return CompletableFuture.completedStage(state);
            }
            Optional<Head> atHome =
                    peers.byName(state.homeRegion()).flatMap(home -> home.lastKnownHead(cluster.mesh()));
            if (atHome.isEmpty()
                    || state.head().position().isAtLeast(atHome.get().position())) {
                throw ClusterAdmin.notFound(cluster);
            }
            return reads.afterWrite(atHome.get().position(), call)
                    .thenApply(newer -> newer.filter(found -> found.clusters().containsKey(cluster.id()))
                            .orElseThrow(() -> ClusterAdmin.notFound(cluster)));
        });
    }

    private static List<InventoryRecord> records(ApplyInventoryRequest request) {
        int count = request.getUpsertsCount() + request.getDeletesCount();
        if (count > MAX_OBJECTS) {
            throw Errors.rejected(List.of(new Violation(
                    RejectionCode.TOO_LARGE,
                    "",
                    "upserts",
                    count + " objects in one report; at most " + MAX_OBJECTS + " are allowed, split it")));
        }
        List<Violation> violations = new ArrayList<>();
        List<InventoryRecord> records = new ArrayList<>();
        Set<InventoryKey> seen = new HashSet<>();
        for (int i = 0; i < request.getUpsertsCount(); i++) {
            String path = "upserts[" + i + "]";
            List<Violation> found = InventoryChecks.check(path, request.getUpserts(i));
            violations.addAll(found);
            if (found.isEmpty()) {
                InventoryKey key = InventoryKeys.of(request.getUpserts(i));
                requireOnce(seen, key, path, violations);
                records.add(InventoryRecord.newBuilder()
                        .setKey(key)
                        .setObject(request.getUpserts(i))
                        .build());
            }
        }
        for (int i = 0; i < request.getDeletesCount(); i++) {
            String path = "deletes[" + i + "]";
            InventoryKey key = request.getDeletes(i);
            boolean isKey = switch (key.getKind()) {
                case SERVICE, WORKLOAD, ENDPOINT ->
                    !key.getName().isEmpty() && !key.getNamespace().isEmpty();
                case KIND_UNSPECIFIED, UNRECOGNIZED -> false;
            };
            if (!isKey) {
                violations.add(new Violation(
                        RejectionCode.INVALID_FIELD,
                        "",
                        path,
                        "must have a kind (SERVICE, WORKLOAD or ENDPOINT), a namespace and a name"));
            }
            requireOnce(seen, key, path, violations);
            records.add(InventoryRecord.newBuilder().setKey(key).build());
        }
        if (!violations.isEmpty()) {
            throw Errors.rejected(violations);
        }
        return records;
    }

    private static void requireOnce(Set<InventoryKey> seen, InventoryKey key, String path, List<Violation> violations) {
        if (!seen.add(key)) {
            violations.add(new Violation(
                    RejectionCode.DUPLICATE_OBJECT,
                    key.getKind() + " " + key.getNamespace() + "/" + key.getName(),
                    path,
                    "occurs twice in the report; keep one"));
        }
    }

    @Override
    public void listInventory(ListInventoryRequest request, StreamObserver<ListInventoryResponse> observer) {
        Answers.answer(observer, () -> {
            Optional<Names.Child> only = Names.isChild(request.getParent())
                    ? Optional.of(Names.child("parent", request.getParent(), COLLECTION))
                    : Optional.empty();
            MeshId mesh = only.map(Names.Child::mesh).orElseGet(() -> Names.mesh("parent", request.getParent()));
            return reads.active(mesh, Optional.empty(), Call.current())
                    .thenCombine(inventories.all(mesh), (state, inventory) -> {
                        only.filter(cluster -> !state.clusters().containsKey(cluster.id()))
                                .ifPresent(cluster -> {
                                    throw ClusterAdmin.notFound(cluster);
                                });
                        return shown(state, inventory, only);
                    });
        });
    }

    private static ListInventoryResponse shown(
            MeshState state, Map<String, List<InventoryRecord>> inventory, Optional<Names.Child> only) {
        ListInventoryResponse.Builder response = ListInventoryResponse.newBuilder();
        new TreeMap<>(inventory).forEach((cluster, records) -> {
            boolean wanted = state.clusters().containsKey(cluster)
                    && only.map(name -> name.id().equals(cluster)).orElse(true);
            if (wanted) {
                ClusterInventory.Builder shown = ClusterInventory.newBuilder().setCluster(cluster);
                records.stream()
                        .filter(InventoryRecord::hasObject)
                        .sorted(ORDER)
                        .forEach(record -> shown.addObjects(record.getObject()));
                response.addClusters(shown);
            }
        });
        return response.build();
    }
}
