package io.meridian.gateway.internal.warm;

import com.google.protobuf.ByteString;
import io.meridian.api.feed.v1.EventBatch;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.InventoryUpdate;
import io.meridian.api.feed.v1.Progress;
import io.meridian.api.type.v1.Actor;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.inventory.InventoryKeys;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.HomeTurn;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.Origin;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.mesh.Turn;
import io.meridian.model.mesh.Writer;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A mesh that nobody has, and the feed's messages about it: HTTP services in a few namespaces, some with a VirtualService and a
 * DestinationRule. Confined to one thread.
 */
final class WarmMesh {
    static final MeshId ID = new MeshId("warm-up");
    /** Of every service, so that this is the name of the one route configuration. */
    static final int PORT = 8080;

    static final String CLUSTER = "warm-up";
    private static final String GROUP = "networking.istio.io";
    private static final RegionId REGION = new RegionId("warm-up", 0);
    private static final Writer WRITER = new Writer(REGION, Epoch.NONE.next(REGION.index()), "warm-up", Instant.EPOCH);
    private static final Origin ORIGIN = new Origin("", Actor.getDefaultInstance(), "", REGION.name());
    private static final int NAMESPACES = 2;
    private static final int ENDPOINTS = 3;
    /** Every so many services one has resources. */
    private static final int CONFIGURED = 3;

    private final int services;
    private MeshState state;
    private int version;

    WarmMesh(int services) {
        this.services = services;
        state = HomeTurn.open(
                        MeshState.empty(ID), ORIGIN, WRITER, MeshEvent.SegmentOpened.Cause.GENESIS, Optional.empty())
                .next();
        List<MeshEvent.ResourceChange> resources = new ArrayList<>();
        for (int i = 0; i < services; i += CONFIGURED) {
            resources.add(virtualService(i));
            resources.add(destinationRule(i));
        }
        resources.sort(Comparator.comparing(MeshEvent.ResourceChange::key));
        record(List.of(
                new MeshEvent.MeshCreated("warm-up", MeshSpec.getDefaultInstance()),
                new MeshEvent.ClusterAdded(CLUSTER, ClusterSpec.getDefaultInstance()),
                new MeshEvent.ResourcesApplied(resources, Optional.empty())));
    }

    /** Of client {@code number}. */
    static String namespace(int number) {
        return "ns-" + number % NAMESPACES;
    }

    Position head() {
        return state.head().position();
    }

    /** What a new subscriber is told. */
    List<FeedMessage> whole() {
        List<InventoryObject> objects = IntStream.range(0, services)
                .boxed()
                .flatMap(i -> Stream.concat(
                        Stream.of(service(i)),
                        IntStream.range(0, ENDPOINTS)
                                .boxed()
                                .flatMap(e -> Stream.of(workload(i, e, e), endpoint(i, e)))))
                .toList();
        return List.of(
                FeedMessage.newBuilder()
                        .setSnapshot(SnapshotCodec.toProto(state))
                        .build(),
                inventory(true, objects),
                FeedMessage.newBuilder()
                        .setProgress(Progress.newBuilder().setHead(head().toProto()))
                        .build());
    }

    /** One VirtualService is another, and one DestinationRule: routes and a cluster change. */
    FeedMessage edit() {
        version++;
        int of = CONFIGURED * (version % (services / CONFIGURED));
        List<EventEnvelope> events = record(List.of(
                new MeshEvent.ResourcesApplied(List.of(virtualService(of)), Optional.empty()),
                new MeshEvent.ResourcesApplied(List.of(destinationRule(of)), Optional.empty())));
        return FeedMessage.newBuilder()
                .setEvents(EventBatch.newBuilder()
                        .addAllEnvelopes(
                                events.stream().map(EventEnvelope::toProto).toList()))
                .build();
    }

    /** One endpoint has another address. */
    FeedMessage move() {
        version++;
        return inventory(false, List.of(workload(version % services, 0, 100 + version % 100)));
    }

    /** There is one service more. */
    FeedMessage grow() {
        version++;
        int added = services + version;
        return inventory(false, List.of(service(added), workload(added, 0, 0), endpoint(added, 0)));
    }

    private List<EventEnvelope> record(List<MeshEvent> events) {
        Turn.Commit commit = HomeTurn.record(state, ORIGIN, WRITER, events);
        state = commit.next();
        return commit.envelopes();
    }

    private static FeedMessage inventory(boolean full, List<InventoryObject> objects) {
        return FeedMessage.newBuilder()
                .setInventory(InventoryUpdate.newBuilder()
                        .setCluster(CLUSTER)
                        .setFull(full)
                        .addAllRecords(objects.stream()
                                .map(object -> InventoryRecord.newBuilder()
                                        .setKey(InventoryKeys.of(object))
                                        .setObject(object)
                                        .build())
                                .toList()))
                .build();
    }

    private MeshEvent.ResourcePut virtualService(int i) {
        return put("VirtualService", i, """
                {"hosts":["service-%1$d"],"http":[\
                {"match":[{"uri":{"prefix":"/v2"},"headers":{"x-user":{"exact":"u%2$d"}}}],\
                "route":[{"destination":{"host":"service-%1$d","subset":"v2"}}],"timeout":"3s"},\
                {"route":[{"destination":{"host":"service-%1$d","subset":"v1"},"weight":%3$d},\
                {"destination":{"host":"service-%1$d","subset":"v2"},"weight":%4$d}],"retries":{"attempts":3}}]}\
                """.formatted(i, version, version % 101, 100 - version % 101));
    }

    private MeshEvent.ResourcePut destinationRule(int i) {
        return put("DestinationRule", i, """
                {"host":"service-%d","trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":%d}}},\
                "subsets":[{"name":"v1","labels":{"version":"v1"}},{"name":"v2","labels":{"version":"v2"}}]}\
                """.formatted(i, 100 + version));
    }

    private static MeshEvent.ResourcePut put(String kind, int i, String spec) {
        return new MeshEvent.ResourcePut(
                new ResourceKey(GROUP, kind, namespace(i), "service-" + i),
                GROUP + "/v1",
                Map.of(),
                Map.of(),
                ByteString.copyFromUtf8(spec),
                "warm-up",
                Instant.EPOCH,
                1);
    }

    private static InventoryObject service(int i) {
        return InventoryObject.newBuilder()
                .setService(InventoryService.newBuilder()
                        .setNamespace(namespace(i))
                        .setName("service-" + i)
                        .addAddresses("10.96." + i / 250 + "." + (i % 250 + 1))
                        .addPorts(InventoryService.ServicePort.newBuilder()
                                .setName("http")
                                .setPort(PORT)))
                .build();
    }

    /** {@code address}: its last byte but one. */
    private static InventoryObject workload(int i, int endpoint, int address) {
        return InventoryObject.newBuilder()
                .setWorkload(InventoryWorkload.newBuilder()
                        .setNamespace(namespace(i))
                        .setName(workloadName(i, endpoint))
                        .addAddresses("10." + (1 + i / 250) + "." + address + "." + (i % 250 + 1))
                        .putLabels("app", "service-" + i)
                        .putLabels("version", "v" + (endpoint % 2 + 1))
                        .setState(InventoryWorkload.State.READY))
                .build();
    }

    private static InventoryObject endpoint(int i, int endpoint) {
        return InventoryObject.newBuilder()
                .setEndpoint(InventoryEndpoint.newBuilder()
                        .setNamespace(namespace(i))
                        .setService("service-" + i)
                        .setWorkload(workloadName(i, endpoint))
                        .putPorts("http", PORT))
                .build();
    }

    private static String workloadName(int i, int endpoint) {
        return "service-" + i + "-" + endpoint;
    }
}
