package io.meridian.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.Cluster;
import io.meridian.api.admin.v1.CreateNamespaceRequest;
import io.meridian.api.admin.v1.DeleteNamespaceRequest;
import io.meridian.api.admin.v1.DeployIngressGatewayRequest;
import io.meridian.api.admin.v1.GetClusterRequest;
import io.meridian.api.admin.v1.IngressGatewayWriteResponse;
import io.meridian.api.admin.v1.ListClustersRequest;
import io.meridian.api.admin.v1.ListClustersResponse;
import io.meridian.api.admin.v1.ListIngressGatewaysRequest;
import io.meridian.api.admin.v1.ListInventoryRequest;
import io.meridian.api.admin.v1.ListInventoryResponse;
import io.meridian.api.admin.v1.ListNamespacesRequest;
import io.meridian.api.admin.v1.Namespace;
import io.meridian.api.admin.v1.NamespaceWriteResponse;
import io.meridian.api.admin.v1.RemoveClusterRequest;
import io.meridian.api.admin.v1.UpdateClusterRequest;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clusters with their inventory, namespaces, ingress gateways. */
class PartsAdminTest {
    private final RegionServer server = RegionServer.of(InMemoryRegion.alone());

    @BeforeEach
    void create() {
        Bookinfo.create(server);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private ListInventoryResponse inventory(String parent) {
        return server.inventory()
                .listInventory(
                        ListInventoryRequest.newBuilder().setParent(parent).build());
    }

    private int report(ApplyInventoryRequest.Builder report) {
        return server.inventory()
                .applyInventory(report.setParent(Bookinfo.CLUSTER).build())
                .getChanged();
    }

    @Test
    void aClusterCountsWhatItsInventoryHolds() {
        Bookinfo.register(server, "reviews");
        Bookinfo.register(server, "ratings");

        Cluster cluster = server.clusters()
                .getCluster(
                        GetClusterRequest.newBuilder().setName(Bookinfo.CLUSTER).build());

        assertThat(cluster.getServices()).isEqualTo(2);
        assertThat(cluster.getWorkloads()).isZero();
        assertThat(cluster.getSpec().getNetwork()).isEqualTo("default");
    }

    @Test
    void clustersAreListedInPages() {
        var _ = Bookinfo.addCluster(server, "vm-1");

        ListClustersResponse first = server.clusters()
                .listClusters(ListClustersRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setPageSize(1)
                        .build());
        ListClustersResponse second = server.clusters()
                .listClusters(ListClustersRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setPageSize(1)
                        .setPageToken(first.getNextPageToken())
                        .build());

        assertThat(first.getClusters(0).getName()).isEqualTo("meshes/bookinfo/clusters/k8s-1");
        assertThat(second.getClusters(0).getName()).isEqualTo("meshes/bookinfo/clusters/vm-1");
        assertThat(second.getNextPageToken()).isEmpty();
        Failures foreign = Failures.of(() -> server.namespaces()
                .listNamespaces(ListNamespacesRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setPageToken(first.getNextPageToken())
                        .build()));
        assertThat(foreign.fields().getFirst().getField()).isEqualTo("page_token");
    }

    @Test
    void aClusterKeepsItsTypeWhenItIsUpdated() {
        Cluster updated = server.clusters()
                .updateCluster(UpdateClusterRequest.newBuilder()
                        .setName(Bookinfo.CLUSTER)
                        .setSpec(ClusterSpec.newBuilder().setRegion("eu"))
                        .build())
                .getCluster();

        assertThat(updated.getSpec().getType()).isEqualTo(ClusterSpec.Type.KUBERNETES_MANAGED);
        assertThat(updated.getSpec().getRegion()).isEqualTo("eu");
    }

    @Test
    void inventoryIsReportedReplacedAndDeleted() {
        int first = report(ApplyInventoryRequest.newBuilder()
                .addUpserts(Bookinfo.service("a"))
                .addUpserts(Bookinfo.service("b"))
                .addUpserts(Bookinfo.service("c")));
        int replaced = report(ApplyInventoryRequest.newBuilder()
                .addUpserts(Bookinfo.service("a"))
                .addUpserts(Bookinfo.service("b"))
                .setReplaceAll(true));
        int deleted = report(ApplyInventoryRequest.newBuilder()
                .addDeletes(InventoryKey.newBuilder()
                        .setKind(InventoryKey.Kind.SERVICE)
                        .setNamespace("default")
                        .setName("b")));

        assertThat(first).isEqualTo(3);
        assertThat(replaced).isEqualTo(1);
        assertThat(deleted).isEqualTo(1);
        assertThat(inventory(Bookinfo.CLUSTER).getClusters(0).getObjectsList()).containsExactly(Bookinfo.service("a"));
        assertThat(inventory(Bookinfo.MESH)).isEqualTo(inventory(Bookinfo.CLUSTER));
    }

    @Test
    void anObjectTwiceInOneReportIsRefused() {
        Failures failure = Failures.of(() -> report(ApplyInventoryRequest.newBuilder()
                .addUpserts(Bookinfo.service("a"))
                .addUpserts(Bookinfo.service("a"))));

        assertThat(failure.reason()).isEqualTo("DUPLICATE_OBJECT");
        assertThat(failure.fields().getFirst().getField()).isEqualTo("upserts[1]");
        assertThat(inventory(Bookinfo.MESH).getClustersList()).isEmpty();
    }

    @Test
    void namespacesAreCreatedAndDeletedWithWhatIsInThem() {
        NamespaceWriteResponse created = server.namespaces()
                .createNamespace(CreateNamespaceRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setNamespaceId("books")
                        .setSpec(NamespaceSpec.newBuilder().putLabels("team", "books"))
                        .build());
        var _ = server.resources()
                .applyResources(Bookinfo.applying("a.yaml", Bookinfo.virtualService("a", "a"))
                        .setDefaultNamespace("books")
                        .build());

        var _ = server.namespaces()
                .deleteNamespace(DeleteNamespaceRequest.newBuilder()
                        .setName("meshes/bookinfo/namespaces/books")
                        .build());

        assertThat(created.getNamespace().getSpec().getLabelsMap()).containsEntry("team", "books");
        assertThat(server.namespaces()
                        .listNamespaces(ListNamespacesRequest.newBuilder()
                                .setParent(Bookinfo.MESH)
                                .build())
                        .getNamespacesList())
                .extracting(Namespace::getName)
                .containsExactly("meshes/bookinfo/namespaces/default", "meshes/bookinfo/namespaces/istio-system");
        assertThat(server.region().meshes().state(Bookinfo.ID).resources()).isEmpty();
    }

    @Test
    void removingAClusterUninstallsItsIngressGateways() {
        IngressGatewayWriteResponse deployed = server.gateways()
                .deployIngressGateway(DeployIngressGatewayRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setIngressGatewayId("public")
                        .setSpec(IngressGatewaySpec.newBuilder()
                                .setCluster("k8s-1")
                                .addPorts(IngressGatewaySpec.PortMapping.newBuilder()
                                        .setServicePort(80)
                                        .setContainerPort(8080)))
                        .build());

        var _ = server.clusters()
                .removeCluster(RemoveClusterRequest.newBuilder()
                        .setName(Bookinfo.CLUSTER)
                        .build());

        assertThat(deployed.getIngressGateway().getSpec().getReplicas()).isEqualTo(1);
        assertThat(deployed.getIngressGateway().getName()).isEqualTo("meshes/bookinfo/ingressGateways/public");
        assertThat(server.gateways()
                        .listIngressGateways(ListIngressGatewaysRequest.newBuilder()
                                .setParent(Bookinfo.MESH)
                                .build())
                        .getIngressGatewaysList())
                .isEmpty();
    }
}
