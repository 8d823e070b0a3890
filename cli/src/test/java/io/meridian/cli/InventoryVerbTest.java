package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.ApplyInventoryResponse;
import io.meridian.api.admin.v1.ClusterInventory;
import io.meridian.api.admin.v1.InventoryServiceGrpc;
import io.meridian.api.admin.v1.ListInventoryRequest;
import io.meridian.api.admin.v1.ListInventoryResponse;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InventoryVerbTest {
    private static final String FILE = """
            objects:
            - service:
                namespace: default
                name: reviews
                ports:
                - {name: http, port: 9080}
                labels: {app: reviews}
            - workload:
                namespace: default
                name: reviews-v1
                addresses: [10.0.0.7]
                state: READY
            ---
            endpoint: {namespace: default, service: reviews, workload: reviews-v1, ports: {http: 19080}}
            """;

    private final List<ApplyInventoryRequest> requests = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new Inventory());

    @AfterEach
    void stop() {
        server.close();
    }

    private final class Inventory extends InventoryServiceGrpc.InventoryServiceImplBase {
        @Override
        public void applyInventory(ApplyInventoryRequest request, StreamObserver<ApplyInventoryResponse> answer) {
            requests.add(request);
            answer.onNext(ApplyInventoryResponse.newBuilder()
                    .setChanged(request.getUpsertsCount())
                    .build());
            answer.onCompleted();
        }

        @Override
        public void listInventory(ListInventoryRequest request, StreamObserver<ListInventoryResponse> answer) {
            ClusterInventory.Builder inventory = ClusterInventory.newBuilder().setCluster("k8s-1");
            requests.getFirst().getUpsertsList().forEach(inventory::addObjects);
            answer.onNext(
                    ListInventoryResponse.newBuilder().addClusters(inventory).build());
            answer.onCompleted();
        }
    }

    private Run run(String stdin, String... args) {
        return Cli.on(server.address())
                .with("MERIDIAN_MESH", "bookinfo")
                .stdin(stdin)
                .run(args);
    }

    @Test
    void aFileOfObjectsIsReadAndSent() {
        Run run = run(FILE, "inventory", "apply", "--cluster", "k8s-1", "-f", "-", "--replace-all");
        assertThat(run).isEqualTo(new Run(0, "inventory of cluster/k8s-1: 3 changed\n", ""));
        ApplyInventoryRequest request = requests.getFirst();
        assertThat(request.getParent()).isEqualTo("meshes/bookinfo/clusters/k8s-1");
        assertThat(request.getReplaceAll()).isTrue();
        assertThat(request.getUpserts(0).getService().getPorts(0).getPort()).isEqualTo(9080);
        assertThat(request.getUpserts(0).getService().getLabelsMap()).containsEntry("app", "reviews");
        assertThat(request.getUpserts(1).getWorkload().getState()).isEqualTo(InventoryWorkload.State.READY);
        assertThat(request.getUpserts(2).getEndpoint().getPortsMap()).containsEntry("http", 19080);
    }

    @Test
    void whatIsListedAsYamlCanBeAppliedAgain() {
        run(FILE, "inventory", "apply", "--cluster", "k8s-1", "-f", "-");
        List<InventoryObject> before = requests.getFirst().getUpsertsList();
        String yaml =
                run("", "inventory", "list", "--cluster", "k8s-1", "-o", "yaml").out();
        run(yaml, "inventory", "apply", "--cluster", "k8s-1", "-f", "-");
        assertThat(requests.getLast().getUpsertsList()).isEqualTo(before);
        String json =
                run("", "inventory", "list", "--cluster", "k8s-1", "-o", "json").out();
        run(json, "inventory", "apply", "--cluster", "k8s-1", "-f", "-");
        assertThat(requests.getLast().getUpsertsList()).isEqualTo(before);
    }

    @Test
    void listIsATable() {
        run(FILE, "inventory", "apply", "--cluster", "k8s-1", "-f", "-");
        assertThat(run("", "inventory", "list").out()).isEqualTo("""
                        CLUSTER   KIND       NAMESPACE   NAME                 DETAILS
                        k8s-1     service    default     reviews              http:9080
                        k8s-1     workload   default     reviews-v1           10.0.0.7 ready
                        k8s-1     endpoint   default     reviews/reviews-v1   http:19080
                        """);
    }

    @Test
    void deleteNamesObjectsByKindAndName() {
        run("", "inventory", "delete", "--cluster", "k8s-1", "service/default/reviews", "endpoint/default/reviews/v1");
        assertThat(requests.getFirst().getDeletesList())
                .extracting(InventoryKey::getKind, InventoryKey::getName)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple(InventoryKey.Kind.SERVICE, "reviews"),
                        org.assertj.core.api.Assertions.tuple(InventoryKey.Kind.ENDPOINT, "reviews/v1"));
    }

    @Test
    void aMistakeIsNamedWithItsPlaceAndPath() {
        assertThat(complaint("service: {name: a, frob: 1}"))
                .startsWith("error: stdin:1:20: service.frob: unknown field; known are namespace, name, host, ports");
        assertThat(complaint("- service:\n    ports:\n    - {port: x}\n"))
                .isEqualTo("error: stdin:3:14: [0].service.ports[0].port: \"x\" is not a whole number\n");
        assertThat(complaint("workload: {state: SLEEPY}"))
                .isEqualTo("error: stdin:1:19: workload.state: has to be one of READY, NOT_READY, DRAINING\n");
        assertThat(complaint("service: {}\nworkload: {}\n"))
                .isEqualTo("error: stdin:1:1: has to be exactly one of service, workload, endpoint\n");
        assertThat(complaint("service: [1]")).isEqualTo("error: stdin:1:10: service: has to be a mapping\n");
        assertThat(complaint("service: {a: \n  b: [")).startsWith("error: stdin:2:");
        assertThat(requests).isEmpty();
    }

    private String complaint(String yaml) {
        Run run = run(yaml, "inventory", "apply", "--cluster", "k8s-1", "-f", "-");
        assertThat(run.exitCode()).isEqualTo(2);
        return run.err();
    }
}
