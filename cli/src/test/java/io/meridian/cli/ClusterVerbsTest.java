package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.AddClusterRequest;
import io.meridian.api.admin.v1.Cluster;
import io.meridian.api.admin.v1.ClusterServiceGrpc;
import io.meridian.api.admin.v1.ClusterWriteResponse;
import io.meridian.api.admin.v1.CreateNamespaceRequest;
import io.meridian.api.admin.v1.DeployIngressGatewayRequest;
import io.meridian.api.admin.v1.GetClusterRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.IngressGateway;
import io.meridian.api.admin.v1.IngressGatewayServiceGrpc;
import io.meridian.api.admin.v1.IngressGatewayWriteResponse;
import io.meridian.api.admin.v1.ListClustersRequest;
import io.meridian.api.admin.v1.ListClustersResponse;
import io.meridian.api.admin.v1.ListIngressGatewaysRequest;
import io.meridian.api.admin.v1.ListIngressGatewaysResponse;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.NamespaceServiceGrpc;
import io.meridian.api.admin.v1.NamespaceWriteResponse;
import io.meridian.api.admin.v1.RemoveClusterRequest;
import io.meridian.api.admin.v1.UpdateClusterRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterVerbsTest {
    private static final Cluster K8S = Cluster.newBuilder()
            .setName("meshes/bookinfo/clusters/k8s-1")
            .setSpec(ClusterSpec.newBuilder()
                    .setType(ClusterSpec.Type.KUBERNETES_MANAGED)
                    .setNetwork("net-a")
                    .setRegion("eu-west")
                    .putLabels("tier", "1")
                    .putLabels("old", "yes"))
            .setCreateTime(Bookinfo.time("2026-11-22T09:00:00Z"))
            .setServices(4)
            .setWorkloads(6)
            .build();
    private static final WriteResponse WRITE =
            WriteResponse.newBuilder().setPosition(Bookinfo.position(64, 13)).build();

    private final List<Object> requests = new CopyOnWriteArrayList<>();
    private volatile int staleAnswers;
    private final AdminServer server = new AdminServer(new Clusters(), new Gateways(), new Namespaces(), new Meshes());

    @AfterEach
    void stop() {
        server.close();
    }

    private static <T> void answer(StreamObserver<T> observer, T answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    private static final class Meshes extends MeshServiceGrpc.MeshServiceImplBase {
        @Override
        public void getMesh(GetMeshRequest request, StreamObserver<Mesh> observer) {
            answer(observer, Bookinfo.mesh());
        }
    }

    private final class Clusters extends ClusterServiceGrpc.ClusterServiceImplBase {
        @Override
        public void addCluster(AddClusterRequest request, StreamObserver<ClusterWriteResponse> observer) {
            requests.add(request);
            answer(
                    observer,
                    ClusterWriteResponse.newBuilder()
                            .setCluster(K8S)
                            .setWrite(WRITE)
                            .build());
        }

        @Override
        public void getCluster(GetClusterRequest request, StreamObserver<Cluster> observer) {
            answer(observer, K8S);
        }

        @Override
        public void updateCluster(UpdateClusterRequest request, StreamObserver<ClusterWriteResponse> observer) {
            requests.add(request);
            if (requests.size() <= staleAnswers) {
                observer.onError(AdminServer.refusal(Code.ABORTED, "the head is not 64.12"));
                return;
            }
            answer(
                    observer,
                    ClusterWriteResponse.newBuilder()
                            .setCluster(K8S)
                            .setWrite(WRITE)
                            .build());
        }

        @Override
        public void listClusters(ListClustersRequest request, StreamObserver<ListClustersResponse> observer) {
            answer(observer, ListClustersResponse.newBuilder().addClusters(K8S).build());
        }

        @Override
        public void removeCluster(RemoveClusterRequest request, StreamObserver<WriteResponse> observer) {
            requests.add(request);
            answer(observer, WRITE);
        }
    }

    private final class Gateways extends IngressGatewayServiceGrpc.IngressGatewayServiceImplBase {
        @Override
        public void deployIngressGateway(
                DeployIngressGatewayRequest request, StreamObserver<IngressGatewayWriteResponse> observer) {
            requests.add(request);
            answer(
                    observer,
                    IngressGatewayWriteResponse.newBuilder().setWrite(WRITE).build());
        }

        @Override
        public void listIngressGateways(
                ListIngressGatewaysRequest request, StreamObserver<ListIngressGatewaysResponse> observer) {
            answer(
                    observer,
                    ListIngressGatewaysResponse.newBuilder()
                            .addIngressGateways(IngressGateway.newBuilder()
                                    .setName("meshes/bookinfo/ingressGateways/edge")
                                    .setSpec(((DeployIngressGatewayRequest) requests.getFirst()).getSpec()))
                            .build());
        }
    }

    private final class Namespaces extends NamespaceServiceGrpc.NamespaceServiceImplBase {
        @Override
        public void createNamespace(CreateNamespaceRequest request, StreamObserver<NamespaceWriteResponse> observer) {
            requests.add(request);
            answer(observer, NamespaceWriteResponse.newBuilder().setWrite(WRITE).build());
        }
    }

    private Run run(String... args) {
        return Cli.on(server.address()).with("MERIDIAN_MESH", "bookinfo").run(args);
    }

    @Test
    void aClusterIsAddedListedAndRemoved() {
        assertThat(run("cluster", "add", "k8s-1", "--type", "kubernetes-managed", "--label", "tier=1")
                        .out())
                .isEqualTo("cluster/k8s-1 added at 64.13\n");
        AddClusterRequest request = (AddClusterRequest) requests.getFirst();
        assertThat(request.getParent()).isEqualTo("meshes/bookinfo");
        assertThat(request.getSpec().getType()).isEqualTo(ClusterSpec.Type.KUBERNETES_MANAGED);
        assertThat(request.getSpec().getLabelsMap()).containsEntry("tier", "1");
        assertThat(run("cluster", "list").out()).isEqualTo("""
                        NAME    TYPE                 NETWORK   REGION    ZONE   SERVICES   WORKLOADS   AGE
                        k8s-1   kubernetes-managed   net-a     eu-west   -      4          6           2d1h
                        """);
        assertThat(run("cluster", "remove", "k8s-1").out()).isEqualTo("cluster/k8s-1 removed at 64.13\n");
    }

    @Test
    void anUpdateKeepsWhatIsNotGivenAndExpectsTheHeadThatItRead() {
        run("cluster", "update", "k8s-1", "--zone", "a", "--label", "old-", "--label", "new=1");
        UpdateClusterRequest request = (UpdateClusterRequest) requests.getFirst();
        assertThat(request.getSpec().getNetwork()).isEqualTo("net-a");
        assertThat(request.getSpec().getZone()).isEqualTo("a");
        assertThat(request.getSpec().getLabelsMap()).containsOnlyKeys("tier", "new");
        assertThat(request.getOptions().getExpectedPosition()).isEqualTo(Bookinfo.position(64, 12));
    }

    @Test
    void anUpdateThatMetAnotherStartsAgainUnderANewId() {
        staleAnswers = 2;
        Run run = run("cluster", "update", "k8s-1", "--zone", "a", "--request-id", "u");
        assertThat(run.out()).isEqualTo("cluster/k8s-1 updated at 64.13\n");
        assertThat(requests)
                .extracting(
                        request -> ((UpdateClusterRequest) request).getOptions().getRequestId())
                .containsExactly("u", "u.2", "u.3");
        requests.clear();
        staleAnswers = 1;
        assertThat(run("cluster", "update", "k8s-1", "--zone", "a", "--expected-position", "64.12"))
                .isEqualTo(new Run(5, "", "error: the head is not 64.12\n"));
    }

    @Test
    void anIngressGatewayHasPorts() {
        Run run = run(
                "gateway",
                "deploy",
                "edge",
                "--cluster=k8s-1",
                "--load-balancer=public",
                "-p",
                "http:80:8080",
                "-p",
                "https:443:8443:https",
                "--replicas=2");
        assertThat(run.out()).isEqualTo("gateway/edge deployed at 64.13\n");
        IngressGatewaySpec spec = ((DeployIngressGatewayRequest) requests.getFirst()).getSpec();
        assertThat(spec.getPorts(1).getContainerPort()).isEqualTo(8443);
        assertThat(run("gateway", "list").out()).isEqualTo("""
                        NAME   CLUSTER   NAMESPACE   LOAD-BALANCER   PORTS                         REPLICAS   AGE
                        edge   k8s-1     -           public          80:8080/HTTP,443:8443/HTTPS   2          -
                        """);
        assertThat(run("gateway", "deploy", "edge", "-p", "http:80").err())
                .isEqualTo("error: --port: \"http:80\" is not NAME:SERVICE-PORT:CONTAINER-PORT[:PROTOCOL]\n");
        assertThat(run("gateway", "deploy", "edge", "-p", "http:80:70000").err())
                .contains("\"70000\" is not a port");
    }

    @Test
    void aNamespaceHasLabels() {
        assertThat(run("ns", "create", "prod", "-l", "istio-injection=enabled").out())
                .isEqualTo("namespace/prod created at 64.13\n");
        assertThat(((CreateNamespaceRequest) requests.getFirst()).getSpec().getLabelsMap())
                .containsEntry("istio-injection", "enabled");
        assertThat(run("ns", "create", "prod", "-l", "nonsense").exitCode()).isEqualTo(2);
    }
}
