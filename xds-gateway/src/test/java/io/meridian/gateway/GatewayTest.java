package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.Position;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a whole gateway serves, and to whom. */
class GatewayTest extends WholeGateway {
    @Test
    void aChangeReachesTheProxyAndItsAcknowledgementTheCore() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");

        awaitSynced(core, proxy, core.head("bookinfo"));
        assertThat(proxy.held(XdsType.CLUSTER)).containsOnlyKeys("reviews");
        assertThat(proxy.held(XdsType.ENDPOINT)).containsOnlyKeys("reviews");
        assertThat(proxy.held(XdsType.ROUTE)).containsOnlyKeys("main");
        String before = proxy.held(XdsType.ROUTE).get("main");

        Position changed = core.route("bookinfo", "main", 8080, "reviews", "/v2");

        awaitSynced(core, proxy, changed);
        assertThat(proxy.held(XdsType.ROUTE).get("main")).isNotEqualTo(before);
        ProxyStatus status = core.proxy(proxy.id()).orElseThrow();
        assertThat(status.getProtocol()).isEqualTo("DELTA");
        assertThat(status.getGateway()).isEqualTo("gw-1");
        assertThat(status.getTypesList())
                .extracting(ProxyStatus.TypeStatus::getState)
                .containsOnly(ProxyStatus.State.SYNCED);
        assertThat(meters.get("pilot.xds.pushes")
                        .tag("type", "rds")
                        .functionCounter()
                        .count())
                .isEqualTo(2);
        assertThat(meters.get("pilot.proxy.convergence.time").timer().count()).isPositive();
    }

    @Test
    void anInventoryChangeReachesTheProxyAsEndpointsOnly() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        String endpoints = proxy.held(XdsType.ENDPOINT).get("reviews");
        int responses = proxy.responses.size();

        core.service("bookinfo", "reviews", "reviews", 9080, 9081);

        Await.until(() -> !Objects.equals(proxy.held(XdsType.ENDPOINT).get("reviews"), endpoints), proxy::toString);
        assertThat(proxy.responses).hasSize(responses + 1);
    }

    @Test
    void aProxyThatComesBackIsSentNothing() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        proxy.disconnect();
        Await.until(() -> core.proxies.isEmpty(), () -> core.proxies);

        proxy.connect();

        awaitSynced(core, proxy, core.head("bookinfo"));
        assertThat(proxy.responses).isEmpty();
    }

    @Test
    void aDeletedMeshLeavesItsProxiesWhatTheyHave() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        int responses = proxy.responses.size();

        core.run("bookinfo", new MeshCommand.DeleteMesh());

        Await.until(
                () -> core.proxy(proxy.id()).orElseThrow().getState() == ProxyStatus.State.NOT_SENT,
                () -> core.proxies);
        assertThat(proxy.responses).hasSize(responses);
        assertThat(gateway.meshes().getFirst().deleted()).isTrue();

        core.run("bookinfo", new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()));
        Position reborn = core.route("bookinfo", "other", 8084, "reviews", "/");

        awaitSynced(core, proxy, reborn);
        assertThat(proxy.held(XdsType.ROUTE)).containsOnlyKeys("other");
    }

    @Test
    void anUnknownMeshIdTakesTheOnlyMeshAndIsRefusedAmongSeveral() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy lone = proxy(gateway, "productpage", "cluster.local");
        awaitSynced(core, lone, core.head("bookinfo"));

        core.withMesh("other").withMesh("third");
        Await.until(() -> gateway.meshes().size() == 3, gateway::meshes);
        DeltaProxy stray = proxy(gateway, "stray", "nowhere");
        DeltaProxy unnamed = proxy(gateway, "unnamed", "");

        assertThat(awaitEnd(stray).getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(awaitEnd(stray).getDescription()).contains("nowhere").contains("bookinfo");
        assertThat(awaitEnd(unnamed).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aStreamOfAMeshThatIsNotThereEndsAfterAWhile() throws IOException {
        TestCore core = new TestCore();
        open.add(core);
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");

        assertThat(awaitEnd(proxy).getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void theHealthServiceTellsWhatTheGatewayCanDo() throws IOException {
        Gateway gateway = gateway(bookinfo());
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(gateway.address()).usePlaintext().build();
        open.add(channel::shutdownNow);
        Await.until(gateway::serving, gateway::meshes);

        assertThat(health(channel)).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void aGatewayThatClosesSendsItsProxiesAway() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));

        gateway.close();

        assertThat(awaitEnd(proxy).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        Await.until(core.proxies::isEmpty, () -> core.proxies);
    }
}
