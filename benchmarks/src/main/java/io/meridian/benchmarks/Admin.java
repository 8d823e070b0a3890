package io.meridian.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.api.admin.v1.AddClusterRequest;
import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.ClusterServiceGrpc;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.CreateNamespaceRequest;
import io.meridian.api.admin.v1.GetEventRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.InventoryServiceGrpc;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.NamespaceServiceGrpc;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.Position;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The admin API, as the macro runs need it. Thread-safe; blocks. */
final class Admin implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 60;
    private static final int INVENTORY_BATCH = 500;

    private final ManagedChannel channel;

    Admin(String address) {
        channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /** No error if it is there already. */
    void createMesh(String mesh, int syncReplicas) {
        createMesh(mesh, "", syncReplicas);
    }

    /** {@code home}: a region; empty for the one that is asked. No error if the mesh is there already. */
    void createMesh(String mesh, String home, int syncReplicas) {
        CreateMeshRequest.Builder request =
                CreateMeshRequest.newBuilder().setMeshId(mesh).setHomeRegion(home);
        request.getSpecBuilder().getDurabilityBuilder().setSyncReplicas(syncReplicas);
        once(() -> MeshServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .createMesh(request.build()));
    }

    void addCluster(String mesh, String cluster) {
        once(() -> ClusterServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .addCluster(AddClusterRequest.newBuilder()
                        .setParent("meshes/" + mesh)
                        .setClusterId(cluster)
                        .setSpec(ClusterSpec.newBuilder().setType(ClusterSpec.Type.KUBERNETES_MANAGED))
                        .build()));
    }

    void createNamespace(String mesh, String namespace) {
        once(() -> NamespaceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .createNamespace(CreateNamespaceRequest.newBuilder()
                        .setParent("meshes/" + mesh)
                        .setNamespaceId(namespace)
                        .build()));
    }

    Position apply(String mesh, String manifest) {
        return ResourceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .applyResources(applyRequest(mesh, manifest))
                .getWrite()
                .getPosition();
    }

    /** As this region knows it. Waits for a region that is down. Throws StatusRuntimeException. */
    Mesh mesh(String mesh) {
        return MeshServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .withWaitForReady()
                .getMesh(GetMeshRequest.newBuilder().setName("meshes/" + mesh).build());
    }

    /** The same id makes the same command. Throws StatusRuntimeException, at once for a region that is down. */
    Position write(String mesh, String manifest, String requestId, Duration deadline) {
        return ResourceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .applyResources(applyRequest(mesh, manifest).toBuilder()
                        .setOptions(WriteOptions.newBuilder().setRequestId(requestId))
                        .build())
                .getWrite()
                .getPosition();
    }

    /** A handover, or a forced failover; waits for its end. Throws StatusRuntimeException. */
    MoveHomeReport move(boolean forced, String mesh, String to, Consumer<MoveHomeStep> steps) {
        MoveHomeRequest request = MoveHomeRequest.newBuilder()
                .setMesh("meshes/" + mesh)
                .setToRegion(to)
                .setOptions(WriteOptions.newBuilder().setReason("benchmark"))
                .build();
        var stub = RegionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        Iterator<MoveHomeUpdate> updates = forced ? stub.failover(request) : stub.handover(request);
        while (updates.hasNext()) {
            MoveHomeUpdate update = updates.next();
            if (update.hasReport()) {
                return update.getReport();
            }
            steps.accept(update.getStep());
        }
        throw new IllegalStateException("a move without a report");
    }

    /** Lets another region take over by itself when the home has been silent for longer than {@code lease}. */
    void failOverAutomatically(String mesh, Duration lease) {
        UpdateMeshRequest.Builder request = UpdateMeshRequest.newBuilder()
                .setName("meshes/" + mesh)
                .addUpdateMask("failover.automatic")
                .addUpdateMask("failover.lease")
                .setOptions(WriteOptions.newBuilder().setReason("benchmark"));
        request.getSpecBuilder()
                .getFailoverBuilder()
                .setAutomatic(true)
                .setLease(Durations.fromMillis(lease.toMillis()));
        MeshServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .updateMesh(request.build());
    }

    /** The next call connects at once instead of after the pause that failures have made longer. */
    void reconnect() {
        channel.resetConnectBackoff();
    }

    /** When the event was made. */
    Timestamp timeOf(String mesh, Position position) {
        return HistoryServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .getEvent(GetEventRequest.newBuilder()
                        .setParent("meshes/" + mesh)
                        .setPosition(position)
                        .build())
                .getTime();
    }

    static ApplyResourcesRequest applyRequest(String mesh, String manifest) {
        return ApplyResourcesRequest.newBuilder()
                .setParent("meshes/" + mesh)
                .addManifests(Manifest.newBuilder().setSource("bench").setContent(ByteString.copyFromUtf8(manifest)))
                .build();
    }

    void inventory(String mesh, String cluster, List<InventoryObject> objects) {
        for (int from = 0; from < objects.size(); from += INVENTORY_BATCH) {
            InventoryServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .applyInventory(ApplyInventoryRequest.newBuilder()
                            .setParent("meshes/" + mesh + "/clusters/" + cluster)
                            .addAllUpserts(objects.subList(from, Math.min(objects.size(), from + INVENTORY_BATCH)))
                            .build());
        }
    }

    private static void once(Runnable create) {
        try {
            create.run();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
