package io.meridian.chaos.client;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.CreateNamespaceRequest;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.GetBranchRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.ListBranchesRequest;
import io.meridian.api.admin.v1.ListEventsRequest;
import io.meridian.api.admin.v1.ListEventsResponse;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.ListResourcesRequest;
import io.meridian.api.admin.v1.ListResourcesResponse;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.NamespaceServiceGrpc;
import io.meridian.api.admin.v1.Region;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.Resource;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.chaos.history.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The admin API of one region, also across the deaths of its process. Thread-safe. Calls throw StatusRuntimeException. */
public final class RegionClient implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    /** The most that a page of events with their bytes may hold. */
    private static final int PAGE = 100;

    private static final int MAX_MESSAGE_BYTES = 64 << 20;
    private static final String REASON = "chaos test";

    private final String name;
    private final ManagedChannel channel;

    /** {@code admin}: HOST:PORT. */
    public RegionClient(String name, String admin) {
        this.name = name;
        int colon = admin.lastIndexOf(':');
        channel = NettyChannelBuilder.forAddress(
                        admin.substring(0, colon), Integer.parseInt(admin.substring(colon + 1)))
                .usePlaintext()
                // What a caller gets is then the server's word, once.
                .disableRetry()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    public String name() {
        return name;
    }

    /** @param position of the state that was read, which {@code values} belong to */
    record Snapshot(Position position, Map<String, Long> values) {}

    /** A mesh with the namespace that is written to. Waits for the region. */
    public void createMesh(String mesh, String home, int syncReplicas) {
        MeshServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .withWaitForReady()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId(mesh)
                        .setHomeRegion(home)
                        .setSpec(MeshSpec.newBuilder()
                                .setDurability(Durability.newBuilder().setSyncReplicas(syncReplicas)))
                        .build());
        NamespaceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .withWaitForReady()
                .createNamespace(CreateNamespaceRequest.newBuilder()
                        .setParent(path(mesh))
                        .setNamespaceId(Register.NAMESPACE)
                        .build());
    }

    /** Sets a key. The position that it was acknowledged at, and whether the request id was known already. */
    WriteResponse write(
            String mesh, String key, long value, String requestId, @Nullable Position expected, Duration deadline) {
        WriteOptions.Builder options =
                WriteOptions.newBuilder().setRequestId(requestId).setReason(REASON);
        if (expected != null) {
            options.setExpectedPosition(proto(mesh, expected));
        }
        return ResourceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .applyResources(ApplyResourcesRequest.newBuilder()
                        .setParent(path(mesh))
                        .addManifests(Manifest.newBuilder()
                                .setSource(key + ".yaml")
                                .setContent(ByteString.copyFrom(Register.manifest(key, value))))
                        .setOptions(options)
                        .build())
                .getWrite();
    }

    /** All keys; the answer is at or after {@code demanded} if that is given. */
    Snapshot read(String mesh, @Nullable Position demanded, Duration deadline) {
        ListResourcesRequest.Builder request = ListResourcesRequest.newBuilder()
                .setParent(path(mesh))
                .setKind(Register.KIND)
                .setNamespace(Register.NAMESPACE)
                .setPageSize(1000);
        if (demanded != null) {
            request.setMinPosition(proto(mesh, demanded));
        }
        ListResourcesResponse response = ResourceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .listResources(request.build());
        Map<String, Long> values = new HashMap<>();
        for (Resource resource : response.getResourcesList()) {
            Register.value(resource.getSpec())
                    .ifPresent(value -> values.put(resource.getKey().getName(), value));
        }
        return new Snapshot(position(response.getPosition()), values);
    }

    /** Does not wait for a region that is down. */
    public Mesh mesh(String mesh, Duration deadline) {
        return MeshServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .getMesh(GetMeshRequest.newBuilder().setName(path(mesh)).build());
    }

    /** As this region sees them. */
    public List<Region> regions(Duration deadline) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .listRegions(ListRegionsRequest.getDefaultInstance())
                .getRegionsList();
    }

    /** The whole log as this region stores it, oldest first. */
    public List<Envelope> log(String mesh) {
        List<Envelope> log = new ArrayList<>();
        String token = "";
        do {
            ListEventsResponse page = HistoryServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE)
                    .withWaitForReady()
                    .listEvents(ListEventsRequest.newBuilder()
                            .setParent(path(mesh))
                            .setAscending(true)
                            .setView(EventView.RAW)
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .build());
            page.getEventsList().stream().map(Event::getEnvelope).forEach(log::add);
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return log;
    }

    /** What forced failovers left behind, each with its events. */
    public List<Branch> branches(String mesh) {
        RegionServiceGrpc.RegionServiceBlockingStub stub =
                RegionServiceGrpc.newBlockingStub(channel).withWaitForReady();
        List<Branch> branches = new ArrayList<>();
        for (Branch branch : stub.withDeadlineAfter(DEADLINE)
                .listBranches(
                        ListBranchesRequest.newBuilder().setParent(path(mesh)).build())
                .getBranchesList()) {
            branches.add(stub.withDeadlineAfter(DEADLINE)
                    .getBranch(GetBranchRequest.newBuilder()
                            .setName(branch.getName())
                            .build()));
        }
        return branches;
    }

    /** Until the move's end. The position that it told last; null if it told none. */
    @Nullable
    Position move(boolean forced, String mesh, String to, String requestId, Duration deadline) {
        MoveHomeRequest request = MoveHomeRequest.newBuilder()
                .setMesh(path(mesh))
                .setToRegion(to)
                .setOptions(WriteOptions.newBuilder().setRequestId(requestId).setReason(REASON))
                .build();
        var stub = RegionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(deadline);
        Iterator<MoveHomeUpdate> updates = forced ? stub.failover(request) : stub.handover(request);
        Position told = null;
        while (updates.hasNext()) {
            MoveHomeUpdate update = updates.next();
            if (update.hasReport()) {
                told = position(update.getReport().getPosition());
            }
        }
        return told;
    }

    private static String path(String mesh) {
        return "meshes/" + mesh;
    }

    public static Position position(io.meridian.api.type.v1.Position proto) {
        return new Position(proto.getEpoch(), proto.getSeq());
    }

    private static io.meridian.api.type.v1.Position proto(String mesh, Position position) {
        return io.meridian.api.type.v1.Position.newBuilder()
                .setMesh(mesh)
                .setEpoch(position.epoch())
                .setSeq(position.seq())
                .build();
    }

    /** The next call connects at once instead of after the pause that failures have made longer. */
    public void reconnect() {
        channel.resetConnectBackoff();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
