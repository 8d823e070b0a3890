package io.meridian.cli.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.AddClusterRequest;
import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.ClusterServiceGrpc;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.DeployIngressGatewayRequest;
import io.meridian.api.admin.v1.GetClusterRequest;
import io.meridian.api.admin.v1.GetIngressGatewayRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.IngressGateway;
import io.meridian.api.admin.v1.IngressGatewayServiceGrpc;
import io.meridian.api.admin.v1.InventoryServiceGrpc;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.UpdateIngressGatewayRequest;
import io.meridian.api.admin.v1.WaitProxiesRequest;
import io.meridian.api.admin.v1.WaitProxiesResponse;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.Position;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Makes the mesh and what belongs to it, as far as it is not there yet: each step looks first, so that a second start changes nothing that a user has
 * changed. Writes carry request ids, so that a retry is applied once.
 */
final class DemoSetup {
    private static final String PARENT = "meshes/" + DemoLayout.MESH;
    private static final String NAMESPACE = "default";
    private static final int HTTP_SERVICE_PORT = 80;
    private static final String REASON = "meridian demo";

    private final AdminClient admin;
    private final String run = UUID.randomUUID().toString();

    /** @param admin of the region that is to be the home */
    DemoSetup(AdminClient admin) {
        this.admin = admin;
    }

    /** Whether it was made now. */
    boolean createMesh(String home) {
        Optional<Mesh> mesh = find("read the mesh", this::getMesh);
        if (mesh.filter(found -> found.getState() != Mesh.State.DELETED).isPresent()) {
            return false;
        }
        // Nothing in the demo issues certificates yet, so that its proxies talk in plain text.
        MeshSpec spec = MeshSpec.newBuilder()
                .setDisplayName("Bookinfo")
                .setMtlsMode(MeshSpec.MtlsMode.MTLS_DISABLE)
                .build();
        CreateMeshRequest request = CreateMeshRequest.newBuilder()
                .setMeshId(DemoLayout.MESH)
                .setSpec(spec)
                .setHomeRegion(home)
                .setOptions(options("mesh"))
                .build();
        admin.insist(
                "create the mesh",
                channel -> MeshServiceGrpc.newBlockingStub(channel).createMesh(request));
        return true;
    }

    void addCluster(String cluster) {
        String name = PARENT + "/clusters/" + cluster;
        boolean exists = find(
                        "read the cluster",
                        () -> admin.insistOrThrow(channel -> ClusterServiceGrpc.newBlockingStub(channel)
                                .getCluster(GetClusterRequest.newBuilder()
                                        .setName(name)
                                        .build())))
                .isPresent();
        if (!exists) {
            AddClusterRequest request = AddClusterRequest.newBuilder()
                    .setParent(PARENT)
                    .setClusterId(cluster)
                    .setSpec(DemoClusters.spec(cluster))
                    .setOptions(options("cluster-" + cluster))
                    .build();
            admin.insist(
                    "add the cluster " + cluster,
                    channel -> ClusterServiceGrpc.newBlockingStub(channel).addCluster(request));
        }
    }

    void reportInventory(String cluster, List<InventoryObject> objects) {
        ApplyInventoryRequest request = ApplyInventoryRequest.newBuilder()
                .setParent(PARENT + "/clusters/" + cluster)
                .addAllUpserts(objects)
                .setReplaceAll(true)
                .build();
        admin.insist(
                "report the inventory of " + cluster,
                channel -> InventoryServiceGrpc.newBlockingStub(channel).applyInventory(request));
    }

    /** Deploys the ingress gateway, or moves it to the port that its Envoy now has. */
    void deployIngress(DemoLayout layout) {
        String name = PARENT + "/ingressGateways/" + layout.ingress().name();
        IngressGatewaySpec spec = IngressGatewaySpec.newBuilder()
                .setCluster(layout.ingress().cluster())
                .setNamespace(layout.ingress().namespace())
                .setLoadBalancer(IngressGatewaySpec.LoadBalancer.PUBLIC)
                .addPorts(IngressGatewaySpec.PortMapping.newBuilder()
                        .setName("http")
                        .setServicePort(HTTP_SERVICE_PORT)
                        .setContainerPort(layout.ingressPort())
                        .setProtocol("HTTP"))
                .setReplicas(1)
                .putAllLabels(DemoProxies.INGRESS_LABELS)
                .build();
        Optional<IngressGatewaySpec> deployed = find(
                        "read the ingress gateway",
                        () -> admin.insistOrThrow(channel -> IngressGatewayServiceGrpc.newBlockingStub(channel)
                                .getIngressGateway(GetIngressGatewayRequest.newBuilder()
                                        .setName(name)
                                        .build())))
                .map(IngressGateway::getSpec);
        if (deployed.isEmpty()) {
            DeployIngressGatewayRequest request = DeployIngressGatewayRequest.newBuilder()
                    .setParent(PARENT)
                    .setIngressGatewayId(layout.ingress().name())
                    .setSpec(spec)
                    .setOptions(options("ingress"))
                    .build();
            admin.insist(
                    "deploy the ingress gateway",
                    channel ->
                            IngressGatewayServiceGrpc.newBlockingStub(channel).deployIngressGateway(request));
        } else if (deployed.get().getPortsList().stream()
                .noneMatch(port -> port.getContainerPort() == layout.ingressPort())) {
            UpdateIngressGatewayRequest request = UpdateIngressGatewayRequest.newBuilder()
                    .setName(name)
                    .setSpec(spec)
                    .setOptions(options("ingress-port"))
                    .build();
            admin.insist(
                    "move the ingress gateway",
                    channel ->
                            IngressGatewayServiceGrpc.newBlockingStub(channel).updateIngressGateway(request));
        }
    }

    /** Unchanged resources make no event. */
    void apply(String source, String yaml) {
        ApplyResourcesRequest request = ApplyResourcesRequest.newBuilder()
                .setParent(PARENT)
                .addManifests(Manifest.newBuilder().setSource(source).setContent(ByteString.copyFromUtf8(yaml)))
                .setDefaultNamespace(NAMESPACE)
                .setOptions(options("apply-" + source))
                .build();
        admin.insist(
                "apply " + source,
                channel -> ResourceServiceGrpc.newBlockingStub(channel).applyResources(request));
    }

    /** The mesh's head. */
    Position position() {
        return getMesh().getPosition();
    }

    /** One question; it comes back at the latest after {@code seconds}. */
    WaitProxiesResponse waitProxies(Position position, int seconds) {
        WaitProxiesRequest request = WaitProxiesRequest.newBuilder()
                .setParent(PARENT)
                .setPosition(position)
                .setTimeout(Duration.newBuilder().setSeconds(seconds))
                .build();
        return admin.insist(
                "wait for the proxies",
                channel -> ProxyServiceGrpc.newBlockingStub(channel).waitProxies(request));
    }

    private Mesh getMesh() {
        return admin.insistOrThrow(channel -> MeshServiceGrpc.newBlockingStub(channel)
                .getMesh(GetMeshRequest.newBuilder().setName(PARENT).build()));
    }

    private static <T> Optional<T> find(String what, Supplier<T> read) {
        try {
            return Optional.of(read.get());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw new DemoException("cannot " + what + ": " + e.getStatus(), e);
        }
    }

    private WriteOptions options(String step) {
        return WriteOptions.newBuilder()
                .setRequestId("demo-" + run + "-" + step)
                .setReason(REASON)
                .build();
    }
}
