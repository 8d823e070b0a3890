package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.position.Position;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway: a real feed before it, real connections behind it. */
class GatewayTest {
    private final List<AutoCloseable> open = new ArrayList<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    Path data;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

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
        assertThat(meters.get("pilot.xds.pushes").tag("type", "rds").counter().count())
                .isEqualTo(2);
        assertThat(meters.get("pilot.proxy.convergence.time").timer().count()).isPositive();
    }

    private TestCore bookinfo() {
        TestCore core = new TestCore().withMesh("bookinfo");
        open.add(core);
        core.service("bookinfo", "reviews", "reviews", 9080);
        core.route("bookinfo", "main", 8080, "reviews", "/");
        return core;
    }

    private Gateway gateway(TestCore core) throws IOException {
        ManagedChannel feed = core.channel();
        open.add(() -> feed.shutdownNow());
        Gateway gateway = Gateway.start(settings(), feed, mesh -> new TestCompiler(), meters);
        open.add(gateway);
        return gateway;
    }

    private GatewaySettings settings() {
        GatewaySettings defaults = GatewaySettings.of("gw-1", "eu-1", "127.0.0.1", 0, data);
        GatewaySettings.Limits limits = defaults.limits();
        return new GatewaySettings(
                "gw-1",
                "eu-1",
                "127.0.0.1",
                0,
                defaults.dataDirectory(),
                new GatewaySettings.Limits(
                        limits.streams(),
                        limits.streamsPerConnection(),
                        1000,
                        limits.requestBytes(),
                        limits.chunkBytes(),
                        limits.bytesInFlight(),
                        Duration.ofMillis(500),
                        Duration.ofMillis(500),
                        limits.waveLimit(),
                        Duration.ofMillis(100),
                        limits.keepAlive(),
                        limits.inventoryDebounce(),
                        limits.configurationDebounce(),
                        Duration.ofMillis(200),
                        limits.feedSilence(),
                        Duration.ofMillis(20)));
    }

    private DeltaProxy proxy(Gateway gateway, String name, String mesh) {
        DeltaProxy proxy = new DeltaProxy(gateway.address(), DeltaProxy.node(name, mesh)).connect();
        open.add(proxy);
        return proxy;
    }

    private static void awaitSynced(TestCore core, DeltaProxy proxy, Position position) {
        Await.until(
                () -> core.proxy(proxy.id())
                        .filter(status -> status.getState() == ProxyStatus.State.SYNCED)
                        .filter(status -> Position.of(status.getAcknowledged()).isAtLeast(position))
                        .isPresent(),
                () -> proxy + " " + Objects.toString(core.proxies));
    }
}
