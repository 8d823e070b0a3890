package io.meridian.core.admin;

import static io.meridian.core.fixture.Bookinfo.applying;
import static io.meridian.core.fixture.Bookinfo.manifest;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.meridian.api.admin.v1.AddClusterRequest;
import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.DeleteNamespaceRequest;
import io.meridian.api.admin.v1.DeleteResourcesRequest;
import io.meridian.api.admin.v1.DeployIngressGatewayRequest;
import io.meridian.api.admin.v1.GetClusterRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.GetResourceRequest;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListResourcesRequest;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.admin.v1.WaitProxiesRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ResourceKey;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.model.log.EventEnvelope;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each has a clear error that names file, object and field, and changes nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
    private static final String WEIGHTS = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: reviews
            spec:
              hosts: [reviews]
              http:
              - route:
                - destination: {host: reviews}
                  weight: 150
                - destination: {host: ratings}
                  weight: -50
            """;
    private static final String DEPLOYMENT = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: reviews
            spec:
              replicas: 1
            """;

    private final RegionServer server = RegionServer.of(InMemoryRegion.alone());

    @BeforeAll
    void create() {
        Bookinfo.create(server);
        var _ = Bookinfo.apply(server, virtualService("reviews", "reviews"));
    }

    @AfterAll
    void close() {
        server.close();
    }

    record Case(String name, Consumer<RegionServer> call, Status.Code code, String reason, List<String> said) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case apply(String name, String yaml, Status.Code code, String reason, String... said) {
        return apply(name, applying("bad.yaml", yaml), code, reason, said);
    }

    private static Case apply(
            String name, ApplyResourcesRequest.Builder request, Status.Code code, String reason, String... said) {
        return new Case(
                name, server -> server.resources().applyResources(request.build()), code, reason, List.of(said));
    }

    private static Case refused(String name, Consumer<RegionServer> call, String reason, String... said) {
        return new Case(name, call, Status.Code.INVALID_ARGUMENT, reason, List.of(said));
    }

    private static Case missing(String name, Consumer<RegionServer> call, String reason, String... said) {
        return new Case(name, call, Status.Code.NOT_FOUND, reason, List.of(said));
    }

    static Stream<Case> manifests() {
        Status.Code invalid = Status.Code.INVALID_ARGUMENT;
        return Stream.of(
                apply(
                        "a Deployment",
                        DEPLOYMENT,
                        invalid,
                        "APPLICATION_NOT_ALLOWED",
                        "bad.yaml: line 2, column 1: Deployment default/reviews: kind",
                        "data-plane clusters"),
                apply(
                        "a good object with a Deployment",
                        virtualService("other", "other") + "---\n" + DEPLOYMENT,
                        invalid,
                        "APPLICATION_NOT_ALLOWED",
                        "bad.yaml: line 16, column 1"),
                apply(
                        "an unknown kind",
                        "apiVersion: networking.istio.io/v1\nkind: VirtualServer\nmetadata: {name: x}\n",
                        invalid,
                        "UNKNOWN_KIND",
                        "VirtualServer",
                        "VirtualService",
                        "line 2"),
                apply(
                        "weights",
                        WEIGHTS,
                        invalid,
                        "INVALID_FIELD",
                        "spec.http[0].route[",
                        "weight",
                        "bad.yaml: line 1"),
                apply(
                        "a bad port",
                        """
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: reviews}
                        spec:
                          hosts: [reviews]
                          http:
                          - route:
                            - destination: {host: reviews, port: {number: 70000}}
                        """,
                        invalid,
                        "INVALID_FIELD",
                        "line 8",
                        "spec.http[0].route[0].destination.port",
                        "65535"),
                apply(
                        "an object twice",
                        virtualService("twice", "a") + "---\n" + virtualService("twice", "b"),
                        invalid,
                        "DUPLICATE_OBJECT",
                        "VirtualService default/twice: metadata.name",
                        "line 18, column 3"),
                apply(
                        "malformed YAML",
                        "apiVersion: networking.istio.io/v1\nkind: Virtual\n  bad: [1, 2\n",
                        invalid,
                        "MALFORMED_MANIFEST",
                        "bad.yaml: line 3, column "),
                apply("a document that is a text", "hello", invalid, "MALFORMED_MANIFEST", "line 1, column 1"),
                apply("no document", "---\n", invalid, "INVALID_FIELD", "empty"),
                apply(
                        "a huge manifest",
                        applying("huge.yaml", "# " + "x".repeat(3 << 20)),
                        invalid,
                        "TOO_LARGE",
                        "3 MiB"),
                apply(
                        "no manifest",
                        ApplyResourcesRequest.newBuilder().setParent(Bookinfo.MESH),
                        invalid,
                        "INVALID_FIELD",
                        "manifests"),
                apply(
                        "bytes that are not UTF-8",
                        ApplyResourcesRequest.newBuilder()
                                .setParent(Bookinfo.MESH)
                                .addManifests(Manifest.newBuilder()
                                        .setContent(ByteString.copyFrom(new byte[] {'a', (byte) 0xff, 0}))),
                        invalid,
                        "MALFORMED_MANIFEST",
                        "manifests[0]: line 1, column 2"),
                apply(
                        "the second of two files",
                        applying("good.yaml", virtualService("good", "good"))
                                .addManifests(manifest("second.yaml", WEIGHTS)),
                        invalid,
                        "INVALID_FIELD",
                        "second.yaml: line 1"),
                apply(
                        "an unknown field",
                        virtualService("reviews", "reviews").replace("hosts:", "hostz:"),
                        invalid,
                        "UNKNOWN_FIELD",
                        "hostz",
                        "line 8, column 3"),
                apply(
                        "a namespace that is not there",
                        applying("bad.yaml", virtualService("reviews", "reviews"))
                                .setDefaultNamespace("absent"),
                        Status.Code.NOT_FOUND,
                        "NAMESPACE_NOT_FOUND",
                        "absent",
                        "create it first"),
                apply(
                        "a Namespace that is to be made",
                        "apiVersion: v1\nkind: Namespace\nmetadata: {name: books}\n",
                        Status.Code.NOT_FOUND,
                        "NAMESPACE_NOT_FOUND",
                        "bad.yaml: line 2, column 1",
                        "meridian namespace create books"),
                apply(
                        "a stale expected position",
                        applying("a.yaml", virtualService("a", "a"))
                                .setOptions(WriteOptions.newBuilder()
                                        .setExpectedPosition(Position.newBuilder()
                                                .setEpoch(65)
                                                .setSeq(2))),
                        Status.Code.ABORTED,
                        "STALE_POSITION",
                        "expected_position",
                        "65.2"),
                apply(
                        "an expected position of another mesh",
                        applying("a.yaml", virtualService("a", "a"))
                                .setOptions(WriteOptions.newBuilder()
                                        .setExpectedPosition(Position.newBuilder()
                                                .setMesh("other")
                                                .setSeq(2))),
                        invalid,
                        "INVALID_FIELD",
                        "options.expected_position.mesh"),
                apply(
                        "a request id with a line feed",
                        applying("a.yaml", virtualService("a", "a"))
                                .setOptions(WriteOptions.newBuilder().setRequestId("a\nb")),
                        invalid,
                        "INVALID_FIELD",
                        "options.request_id"),
                apply(
                        "a mesh that is not there",
                        applying("a.yaml", virtualService("a", "a")).setParent("meshes/absent"),
                        Status.Code.NOT_FOUND,
                        "MESH_NOT_FOUND",
                        "absent"),
                apply(
                        "a malformed mesh name",
                        applying("a.yaml", virtualService("a", "a")).setParent("meshes/.."),
                        invalid,
                        "INVALID_NAME",
                        "parent",
                        "meshes/MESH"));
    }

    static Stream<Case> others() {
        return Stream.of(
                missing(
                        "an ingress gateway on a cluster that is not there",
                        server -> server.gateways().deployIngressGateway(gateway("absent", 80)),
                        "CLUSTER_NOT_FOUND",
                        "spec.cluster",
                        "absent",
                        "its clusters are k8s-1"),
                refused(
                        "an ingress gateway with a bad port",
                        server -> server.gateways().deployIngressGateway(gateway("k8s-1", 65536)),
                        "INVALID_FIELD",
                        "spec.ports[0].service_port",
                        "65536"),
                new Case(
                        "a duplicate cluster",
                        server -> Bookinfo.addCluster(server, "k8s-1"),
                        Status.Code.ALREADY_EXISTS,
                        "CLUSTER_ALREADY_EXISTS",
                        List.of("k8s-1")),
                new Case(
                        "a duplicate mesh",
                        server -> server.meshes()
                                .createMesh(CreateMeshRequest.newBuilder()
                                        .setMeshId("bookinfo")
                                        .build()),
                        Status.Code.ALREADY_EXISTS,
                        "MESH_ALREADY_EXISTS",
                        List.of("bookinfo")),
                missing(
                        "a home region that is not there",
                        server -> server.meshes()
                                .createMesh(CreateMeshRequest.newBuilder()
                                        .setMeshId("other")
                                        .setHomeRegion("mars-1")
                                        .build()),
                        "REGION_NOT_FOUND",
                        "mars-1",
                        "eu-1"),
                refused(
                        "a mesh name with capitals",
                        server -> server.meshes()
                                .createMesh(CreateMeshRequest.newBuilder()
                                        .setMeshId("Books")
                                        .build()),
                        "INVALID_NAME",
                        "mesh_id",
                        "DNS label"),
                refused(
                        "a cluster without a type",
                        server -> server.clusters()
                                .addCluster(AddClusterRequest.newBuilder()
                                        .setParent(Bookinfo.MESH)
                                        .setClusterId("k8s-9")
                                        .build()),
                        "INVALID_FIELD",
                        "spec.type"),
                missing(
                        "a cluster that is not there",
                        server -> server.clusters()
                                .getCluster(GetClusterRequest.newBuilder()
                                        .setName("meshes/bookinfo/clusters/absent")
                                        .build()),
                        "CLUSTER_NOT_FOUND",
                        "absent"),
                refused(
                        "a name of another collection",
                        server -> server.clusters()
                                .getCluster(GetClusterRequest.newBuilder()
                                        .setName("meshes/bookinfo/namespaces/default")
                                        .build()),
                        "INVALID_NAME",
                        "meshes/MESH/clusters/NAME"),
                missing(
                        "a mesh that is not there",
                        server -> server.meshes()
                                .getMesh(GetMeshRequest.newBuilder()
                                        .setName("meshes/absent")
                                        .build()),
                        "MESH_NOT_FOUND",
                        "absent"),
                refused(
                        "a page of 1001",
                        server -> server.meshes()
                                .listMeshes(ListMeshesRequest.newBuilder()
                                        .setPageSize(1001)
                                        .build()),
                        "INVALID_FIELD",
                        "page_size",
                        "1 to 1000"),
                refused(
                        "a kind that is none",
                        server -> server.resources()
                                .listResources(ListResourcesRequest.newBuilder()
                                        .setParent(Bookinfo.MESH)
                                        .setKind("pods")
                                        .build()),
                        "UNKNOWN_KIND",
                        "kind",
                        "VirtualService"),
                refused(
                        "a selector that is none",
                        server -> server.resources()
                                .listResources(ListResourcesRequest.newBuilder()
                                        .setParent(Bookinfo.MESH)
                                        .setLabelSelector("app==a=b")
                                        .build()),
                        "INVALID_FIELD",
                        "label_selector"),
                missing(
                        "a resource that is not there",
                        server -> server.resources()
                                .getResource(GetResourceRequest.newBuilder()
                                        .setParent(Bookinfo.MESH)
                                        .setKey(key("vs", "absent"))
                                        .build()),
                        "RESOURCE_NOT_FOUND",
                        "VirtualService default/absent"),
                missing(
                        "deletion of one that is there and one that is not",
                        server -> server.resources()
                                .deleteResources(DeleteResourcesRequest.newBuilder()
                                        .setParent(Bookinfo.MESH)
                                        .addKeys(key("vs", "reviews"))
                                        .addKeys(key("vs", "absent"))
                                        .build()),
                        "RESOURCE_NOT_FOUND",
                        "VirtualService default/absent"),
                new Case(
                        "deletion of a namespace of the mesh itself",
                        server -> server.namespaces()
                                .deleteNamespace(DeleteNamespaceRequest.newBuilder()
                                        .setName("meshes/bookinfo/namespaces/default")
                                        .build()),
                        Status.Code.FAILED_PRECONDITION,
                        "NAMESPACE_PROTECTED",
                        List.of("default")),
                missing(
                        "inventory of a cluster that is not there",
                        server -> server.inventory()
                                .applyInventory(ApplyInventoryRequest.newBuilder()
                                        .setParent("meshes/bookinfo/clusters/absent")
                                        .addUpserts(Bookinfo.service("reviews"))
                                        .build()),
                        "CLUSTER_NOT_FOUND",
                        "absent"),
                refused(
                        "a workload without address",
                        server -> server.inventory()
                                .applyInventory(ApplyInventoryRequest.newBuilder()
                                        .setParent(Bookinfo.CLUSTER)
                                        .addUpserts(InventoryObject.newBuilder()
                                                .setWorkload(InventoryWorkload.newBuilder()
                                                        .setNamespace("default")
                                                        .setName("reviews-1")))
                                        .build()),
                        "INVALID_FIELD",
                        "upserts[0].workload.addresses"),
                refused(
                        "waiting for no position",
                        server -> server.proxies()
                                .waitProxies(WaitProxiesRequest.newBuilder()
                                        .setParent(Bookinfo.MESH)
                                        .build()),
                        "INVALID_FIELD",
                        "position"));
    }

    private static ResourceKey key(String kind, String name) {
        return ResourceKey.newBuilder().setKind(kind).setName(name).build();
    }

    private static DeployIngressGatewayRequest gateway(String cluster, int port) {
        return DeployIngressGatewayRequest.newBuilder()
                .setParent(Bookinfo.MESH)
                .setIngressGatewayId("public")
                .setSpec(IngressGatewaySpec.newBuilder()
                        .setCluster(cluster)
                        .addPorts(IngressGatewaySpec.PortMapping.newBuilder()
                                .setServicePort(port)
                                .setContainerPort(8080)))
                .build();
    }

    @ParameterizedTest
    @MethodSource({"manifests", "others"})
    void isRefusedClearlyAndChangesNothing(Case bad) {
        List<EventEnvelope> before = server.region().meshes().events(Bookinfo.ID);

        Failures failure = Failures.of(() -> bad.call().accept(server));

        assertThat(failure.reason()).isEqualTo(bad.reason());
        assertThat(failure.code()).isEqualTo(bad.code());
        assertThat(failure.message()).contains(bad.said());
        assertThat(failure.info().getDomain()).isEqualTo("meridian.io");
        assertThat(server.region().meshes().events(Bookinfo.ID)).isEqualTo(before);
    }
}
