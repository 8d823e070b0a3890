package io.meridian.core.admin;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.AddClusterRequest;
import io.meridian.api.admin.v1.Cluster;
import io.meridian.api.admin.v1.ClusterServiceGrpc;
import io.meridian.api.admin.v1.ClusterWriteResponse;
import io.meridian.api.admin.v1.GetClusterRequest;
import io.meridian.api.admin.v1.ListClustersRequest;
import io.meridian.api.admin.v1.ListClustersResponse;
import io.meridian.api.admin.v1.RemoveClusterRequest;
import io.meridian.api.admin.v1.UpdateClusterRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.core.Inventories;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ClusterService. */
final class ClusterAdmin extends ClusterServiceGrpc.ClusterServiceImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterAdmin.class);
    private static final String COLLECTION = "clusters";

    private final Reads reads;
    private final Writes writes;
    private final Inventories inventories;

    ClusterAdmin(Reads reads, Writes writes, Inventories inventories) {
        this.reads = reads;
        this.writes = writes;
        this.inventories = inventories;
    }

    @Override
    public void addCluster(AddClusterRequest request, StreamObserver<ClusterWriteResponse> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            return write(
                    new Names.Child(mesh, request.getClusterId()),
                    new MeshCommand.AddCluster(request.getClusterId(), request.getSpec()),
                    request.getOptions());
        });
    }

    @Override
    public void updateCluster(UpdateClusterRequest request, StreamObserver<ClusterWriteResponse> observer) {
        Answers.answer(observer, () -> {
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            return write(name, new MeshCommand.UpdateCluster(name.id(), request.getSpec()), request.getOptions());
        });
    }

    @Override
    public void removeCluster(RemoveClusterRequest request, StreamObserver<WriteResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            var command = new MeshCommand.RemoveCluster(name.id());
            return writes.accept(writes.request(name.mesh(), command, request.getOptions(), call), call)
                    .thenCompose(accepted -> request.getOptions().getValidateOnly()
                            ? CompletableFuture.completedStage(accepted)
                            : forgotten(name, accepted))
                    .thenApply(Writes::response);
        });
    }

    /** The removal is done whether the inventory goes now or is left behind: it belongs to no cluster then, and nobody reads it. */
    private CompletionStage<CommandOutcome.Accepted> forgotten(Names.Child name, CommandOutcome.Accepted accepted) {
        return inventories.forget(name.mesh(), name.id()).handle((done, failure) -> {
            if (failure != null) {
                LOG.warn("inventory not forgotten mesh={} cluster={}", name.mesh(), name.id(), failure);
            }
            return accepted;
        });
    }

    @Override
    public void getCluster(GetClusterRequest request, StreamObserver<Cluster> observer) {
        Answers.answer(observer, () -> {
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), name.mesh());
            return reads.active(name.mesh(), min, Call.current())
                    .thenCombine(
                            inventories.all(name.mesh()),
                            (state, inventory) ->
                                    shown(state, name.id(), inventory).orElseThrow(() -> notFound(name)));
        });
    }

    @Override
    public void listClusters(ListClustersRequest request, StreamObserver<ListClustersResponse> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            int size = Pages.size(request.getPageSize());
            Optional<String> after = Pages.after(request, request.getPageToken());
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), mesh);
            return reads.active(mesh, min, Call.current()).thenCombine(inventories.all(mesh), (state, inventory) -> {
                Pages.Page<Cluster> page = Pages.of(
                        request,
                        size,
                        Entries.after(state.clusters(), after),
                        Map.Entry::getKey,
                        entry -> Views.cluster(
                                state,
                                entry.getKey(),
                                entry.getValue(),
                                inventory.getOrDefault(entry.getKey(), List.of())));
                return ListClustersResponse.newBuilder()
                        .addAllClusters(page.items())
                        .setNextPageToken(page.nextToken())
                        .setPosition(state.head().position().toProto())
                        .build();
            });
        });
    }

    private CompletionStage<ClusterWriteResponse> write(Names.Child name, MeshCommand command, WriteOptions options) {
        Call call = Call.current();
        return writes.accept(writes.request(name.mesh(), command, options, call), call)
                .thenCompose(accepted -> reads.afterWrite(accepted.position(), call)
                        .thenCombine(inventories.all(name.mesh()), (state, inventory) -> {
                            ClusterWriteResponse.Builder response =
                                    ClusterWriteResponse.newBuilder().setWrite(Writes.response(accepted));
                            state.flatMap(found -> shown(found, name.id(), inventory))
                                    .ifPresent(response::setCluster);
                            return response.build();
                        }));
    }

    private static Optional<Cluster> shown(MeshState state, String name, Map<String, List<InventoryRecord>> inventory) {
        return Optional.ofNullable(state.clusters().get(name))
                .map(entry -> Views.cluster(state, name, entry, inventory.getOrDefault(name, List.of())));
    }

    static RuntimeException notFound(Names.Child name) {
        return Errors.notFound(
                RejectionCode.CLUSTER_NOT_FOUND,
                "Cluster",
                Names.of(name.mesh(), COLLECTION, name.id()),
                "mesh " + name.mesh() + " has no cluster " + name.id());
    }
}
