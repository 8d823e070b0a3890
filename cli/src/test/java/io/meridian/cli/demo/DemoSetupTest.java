package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.api.admin.v1.Mesh;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoSetupTest {
    @TempDir
    private Path data;

    private FakeAdmin server;
    private AdminClient client;
    private DemoLayout layout;

    @BeforeEach
    void start() throws IOException {
        server = new FakeAdmin(0);
        client = new AdminClient(server.address());
        layout = DemoLayout.choose(data, Examples.bookinfo());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void aSecondRunMakesNothingAgain() {
        assertThat(setUp(layout)).isTrue();
        assertThat(server.writes)
                .containsExactly(
                        "create bookinfo in eu-1",
                        "cluster k8s-1 KUBERNETES_MANAGED",
                        "cluster vm-1 VIRTUAL_MACHINES",
                        "deploy at " + layout.ingressPort());

        assertThat(setUp(layout)).isFalse();
        assertThat(server.writes).hasSize(4);
    }

    @Test
    void anIngressWhoseEnvoyGotAnotherPortIsMoved() {
        setUp(layout);
        DemoLayout moved = new DemoLayout(
                layout.regions(), layout.block(), layout.ingress(), 18080, layout.externalPort(), layout.sidecars());

        setUp(moved);

        assertThat(server.writes).last().isEqualTo("move to 18080");
    }

    @Test
    void aDeletedMeshIsMadeAnew() {
        server.meshState = Mesh.State.DELETED;

        assertThat(new DemoSetup(client).createMesh("eu-1")).isTrue();
    }

    @Test
    void aRegionThatIsNotReadyYetIsAskedAgain() {
        server.meshState = Mesh.State.ACTIVE;
        server.unavailable.set(3);

        new DemoSetup(client).apply("a.yaml", "");

        // The fake notes what it is asked before it refuses.
        assertThat(server.writes).hasSize(4).containsOnly("apply a.yaml");
    }

    @Test
    void aRefusalIsTold() {
        assertThatThrownBy(() -> new DemoSetup(client).waitProxies(new DemoSetup(client).position(), 1))
                .hasMessageContaining("NOT_FOUND");
    }

    private boolean setUp(DemoLayout to) {
        DemoSetup setup = new DemoSetup(client);
        boolean created = setup.createMesh("eu-1");
        List.of("k8s-1", "vm-1").forEach(setup::addCluster);
        setup.deployIngress(to);
        return created;
    }
}
