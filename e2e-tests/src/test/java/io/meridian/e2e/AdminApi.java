package io.meridian.e2e;

import com.google.protobuf.util.Durations;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.ChangeMembersRequest;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.CreateNamespaceRequest;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.api.admin.v1.GetBranchRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.ListBranchesRequest;
import io.meridian.api.admin.v1.ListEventsRequest;
import io.meridian.api.admin.v1.ListEventsResponse;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.MembersPlan;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.NamespaceServiceGrpc;
import io.meridian.api.admin.v1.PlanFailoverRequest;
import io.meridian.api.admin.v1.PlanMembersRequest;
import io.meridian.api.admin.v1.Region;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ReplaceRegionRequest;
import io.meridian.api.admin.v1.ReplaceRegionResponse;
import io.meridian.api.admin.v1.ResolveBranchRequest;
import io.meridian.api.admin.v1.ResolveBranchResponse;
import io.meridian.api.admin.v1.UpdateNamespaceRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.api.type.v1.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The admin API of one region, over the network, also across the deaths of its process. Every call has a deadline. Thread-safe. */
final class AdminApi implements AutoCloseable {
    /** The namespace whose label {@link #write} changes. */
    private static final String NAMESPACE = "load";

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    /** The most that a page of events with their bytes may hold. */
    private static final int PAGE = 100;

    private static final int MAX_MESSAGE_BYTES = 64 << 20;

    private final ManagedChannel channel;

    AdminApi(String address) {
        int colon = address.lastIndexOf(':');
        channel = NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                // What a caller gets is then the server's word, once.
                .disableRetry()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /** A mesh with a namespace to {@link #write} to. */
    void createMesh(String mesh, String home, int syncReplicas) {
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
                        .setParent("meshes/" + mesh)
                        .setNamespaceId(NAMESPACE)
                        .build());
    }

    Mesh mesh(String mesh) {
        return MeshServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .withWaitForReady()
                .getMesh(GetMeshRequest.newBuilder().setName("meshes/" + mesh).build());
    }

    Position head(String mesh) {
        return mesh(mesh).getPosition();
    }

    /** One event of the mesh; the same id makes the same command. Does not wait for a region that is down. Throws StatusRuntimeException. */
    WriteResponse write(String mesh, String requestId, Duration deadline) {
        return NamespaceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .updateNamespace(UpdateNamespaceRequest.newBuilder()
                        .setName("meshes/" + mesh + "/namespaces/" + NAMESPACE)
                        .setSpec(NamespaceSpec.newBuilder().putLabels("written-by", requestId))
                        .setOptions(WriteOptions.newBuilder().setRequestId(requestId))
                        .build())
                .getWrite();
    }

    /** The whole log as this region stores it, oldest first. */
    List<Envelope> log(String mesh) {
        List<Envelope> log = new ArrayList<>();
        String token = "";
        do {
            ListEventsResponse page = HistoryServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE)
                    .withWaitForReady()
                    .withWaitForReady()
                    .listEvents(ListEventsRequest.newBuilder()
                            .setParent("meshes/" + mesh)
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

    /** Waits for the report. Throws StatusRuntimeException. */
    MoveHomeReport handover(String mesh, String to, Duration deadline) {
        return report(RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .handover(move(mesh, to).build()));
    }

    /** Waits for the end. Throws StatusRuntimeException. */
    List<MoveHomeStep> handoverSteps(String mesh, String to, Duration deadline) {
        List<MoveHomeStep> steps = new ArrayList<>();
        RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .handover(move(mesh, to).build())
                .forEachRemaining(update -> {
                    if (update.hasStep()) {
                        steps.add(update.getStep());
                    }
                });
        return steps;
    }

    /** Waits for the report. Throws StatusRuntimeException. */
    MoveHomeReport failover(String mesh, String to, boolean withoutMajority, Duration deadline) {
        return report(RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .failover(move(mesh, to).setWithoutMajority(withoutMajority).build()));
    }

    /** Throws StatusRuntimeException. */
    ReplaceRegionResponse replace(String mesh, String region, String with, Duration deadline) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .replaceRegion(ReplaceRegionRequest.newBuilder()
                        .setMesh("meshes/" + mesh)
                        .setRegion(region)
                        .setWith(with)
                        .setOptions(WriteOptions.newBuilder().setReason("a test"))
                        .build());
    }

    /** Throws StatusRuntimeException. */
    void leave(String mesh, String region, Duration deadline) {
        var _ = RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .leaveRegion(ChangeMembersRequest.newBuilder()
                        .setMesh("meshes/" + mesh)
                        .setRegion(region)
                        .setOptions(WriteOptions.newBuilder().setReason("a test"))
                        .build());
    }

    MembersPlan planMembers(String mesh, String joining, String leaving) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .planMembers(PlanMembersRequest.newBuilder()
                        .setMesh("meshes/" + mesh)
                        .setJoiningRegion(joining)
                        .setLeavingRegion(leaving)
                        .build());
    }

    /** By region: what each is to the mesh. */
    Map<String, String> roles(String mesh) {
        Map<String, String> roles = new HashMap<>();
        regions(ListRegionsRequest.newBuilder().setMesh("meshes/" + mesh).build())
                .forEach(region -> region.getMeshesList().forEach(held -> roles.put(region.getName(), held.getRole())));
        return roles;
    }

    private static MoveHomeRequest.Builder move(String mesh, String to) {
        return MoveHomeRequest.newBuilder()
                .setMesh("meshes/" + mesh)
                .setToRegion(to)
                .setOptions(WriteOptions.newBuilder().setReason("a test"));
    }

    private static MoveHomeReport report(Iterator<MoveHomeUpdate> updates) {
        while (updates.hasNext()) {
            MoveHomeUpdate update = updates.next();
            if (update.hasReport()) {
                return update.getReport();
            }
        }
        throw new AssertionError("a move without a report");
    }

    /** How events come from each other region, and how they go from the one that is asked, by name. */
    Map<String, String> transports() {
        return regions(ListRegionsRequest.getDefaultInstance()).stream()
                .collect(Collectors.toMap(Region::getName, Region::getTransport));
    }

    /** Those of the other regions that the one that is asked reaches, and for how long it has not heard each, by name. */
    Map<String, Duration> silences() {
        return regions(ListRegionsRequest.getDefaultInstance()).stream()
                .filter(region -> region.getReachable() && !region.getLocal())
                .collect(Collectors.toMap(
                        Region::getName, region -> Duration.ofNanos(Durations.toNanos(region.getSilentFor()))));
    }

    private List<Region> regions(ListRegionsRequest request) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .listRegions(request)
                .getRegionsList();
    }

    FailoverPlan plan(String mesh, String to) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .planFailover(PlanFailoverRequest.newBuilder()
                        .setMesh("meshes/" + mesh)
                        .setToRegion(to)
                        .build());
    }

    List<Branch> branches(String mesh) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .withWaitForReady()
                .listBranches(ListBranchesRequest.newBuilder()
                        .setParent("meshes/" + mesh)
                        .build())
                .getBranchesList();
    }

    Branch branch(String name) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .getBranch(GetBranchRequest.newBuilder().setName(name).build());
    }

    ResolveBranchResponse reapply(String branch, boolean force, Position... entries) {
        return RegionServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE)
                .reapplyBranch(ResolveBranchRequest.newBuilder()
                        .setName(branch)
                        .setForce(force)
                        .addAllEntries(List.of(entries))
                        .setOptions(WriteOptions.newBuilder().setReason("a test"))
                        .build());
    }

    /** A read that has to be at {@code position} or later. Throws StatusRuntimeException. */
    Mesh meshAt(String mesh, Position position, Duration deadline) {
        return MeshServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .getMesh(GetMeshRequest.newBuilder()
                        .setName("meshes/" + mesh)
                        .setMinPosition(position)
                        .build());
    }

    /** The next call connects at once instead of after the pause that failures have made longer. */
    void reconnect() {
        channel.resetConnectBackoff();
    }

    @Override
    public void close() {
        try {
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
