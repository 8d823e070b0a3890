package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.position.Position;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A change that many proxies refuse, with real streams. */
@Timeout(120)
class RollOutTest {
    private static final int PROXIES = 6;

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
    void aRouteThatMostRefuseIsTakenBackUntilItChanges() throws IOException {
        TestCore core = new TestCore().withMesh("bookinfo");
        open.add(core);
        core.service("bookinfo", "reviews", "reviews", 9080);
        Position good = core.route("bookinfo", "main", 8080, "reviews", "/");
        Gateway gateway = gateway(core);
        List<DeltaProxy> proxies = new ArrayList<>();
        for (int i = 0; i < PROXIES; i++) {
            proxies.add(proxy(gateway, "p" + i, i < 4 ? RollOutTest::isBad : response -> false));
        }
        proxies.forEach(proxy -> awaitState(core, proxy, ProxyStatus.State.SYNCED, good));
        String before =
                Objects.requireNonNull(proxies.getFirst().held(XdsType.ROUTE).get("main"));

        Position bad = core.route("bookinfo", "main", 8080, "reviews", "/bad");

        proxies.forEach(proxy -> Await.until(
                () -> core.proxy(proxy.id()).orElseThrow().getTypesList().stream()
                        .anyMatch(type -> type.getNack().startsWith("roll-out halted")),
                () -> core.proxies));
        for (DeltaProxy proxy : proxies) {
            Await.until(() -> before.equals(proxy.held(XdsType.ROUTE).get("main")), proxy::toString);
            ProxyStatus status = core.proxy(proxy.id()).orElseThrow();
            assertThat(status.getState()).isEqualTo(ProxyStatus.State.REJECTED);
            ProxyStatus.Rejection rejection = status.getTypesList().stream()
                    .filter(type -> type.getType().equals("RDS"))
                    .findFirst()
                    .orElseThrow()
                    .getRejected();
            assertThat(rejection.getMessage()).contains("roll-out halted", "refused by the test");
            assertThat(rejection.getObjectsList())
                    .extracting(ProxyStatus.Cause::getObject)
                    .containsExactly(
                            MeshFixture.virtualService("default", "main").toProto());
            assertThat(Position.of(rejection.getEvent())).isEqualTo(bad);
        }
        assertThat(meters.get("meridian.gateway.rollouts.halted")
                        .tag("mesh", "bookinfo")
                        .gauge()
                        .value())
                .isEqualTo(1);
        // Of those that refused it, none has acknowledged the event that led to it.
        proxies.subList(0, 4)
                .forEach(proxy -> assertThat(
                                Position.of(core.proxy(proxy.id()).orElseThrow().getAcknowledged()))
                        .isEqualTo(good));

        // Who comes is told the version before, and everything else goes on.
        DeltaProxy late = proxy(gateway, "late", response -> false);
        Position other = core.route("bookinfo", "other", 8081, "reviews", "/");
        core.service("bookinfo", "ratings", "ratings", 9082);
        List<DeltaProxy> all = new ArrayList<>(proxies);
        all.add(late);
        for (DeltaProxy proxy : all) {
            Await.until(
                    () -> proxy.held(XdsType.ROUTE).containsKey("other")
                            && proxy.held(XdsType.ENDPOINT).containsKey("ratings")
                            && before.equals(proxy.held(XdsType.ROUTE).get("main")),
                    proxy::toString);
            awaitState(core, proxy, ProxyStatus.State.REJECTED, null);
        }
        assertThat(other).isGreaterThan(bad);

        Position mended = core.route("bookinfo", "main", 8080, "reviews", "/mended");

        all.forEach(proxy -> awaitState(core, proxy, ProxyStatus.State.SYNCED, mended));
        Await.until(() -> meters.get("meridian.gateway.rollouts.halted").gauge().value() == 0, () -> "still halted");
    }

    @Test
    void aRouteThatTwoOfSixRefuseIsServedToTheOthers() throws IOException {
        TestCore core = new TestCore().withMesh("bookinfo");
        open.add(core);
        core.service("bookinfo", "reviews", "reviews", 9080);
        Position good = core.route("bookinfo", "main", 8080, "reviews", "/");
        Gateway gateway = gateway(core);
        List<DeltaProxy> proxies = new ArrayList<>();
        for (int i = 0; i < PROXIES; i++) {
            proxies.add(proxy(gateway, "p" + i, i < 2 ? RollOutTest::isBad : response -> false));
        }
        proxies.forEach(proxy -> awaitState(core, proxy, ProxyStatus.State.SYNCED, good));

        Position bad = core.route("bookinfo", "main", 8080, "reviews", "/bad");

        proxies.subList(2, PROXIES).forEach(proxy -> awaitState(core, proxy, ProxyStatus.State.SYNCED, bad));
        proxies.subList(0, 2).forEach(proxy -> awaitState(core, proxy, ProxyStatus.State.REJECTED, null));
        assertThat(meters.get("meridian.gateway.rollouts.halted").gauge().value())
                .isZero();
    }

    private static boolean isBad(DeltaDiscoveryResponse response) {
        return response.getResourcesList().stream()
                .anyMatch(resource ->
                        resource.getResource().getValue().toStringUtf8().contains("/bad"));
    }

    private Gateway gateway(TestCore core) throws IOException {
        ManagedChannel feed = core.channel();
        open.add(() -> feed.shutdownNow());
        Gateway gateway = Gateway.start(
                GatewaySettings.of("gw-1", "eu-1", "127.0.0.1", 0, data), feed, mesh -> new TestCompiler(), meters);
        open.add(gateway);
        return gateway;
    }

    private DeltaProxy proxy(Gateway gateway, String name, Predicate<DeltaDiscoveryResponse> refuses) {
        DeltaProxy proxy = new DeltaProxy(gateway.address(), DeltaProxy.node(name, "bookinfo"), refuses).connect();
        open.add(proxy);
        return proxy;
    }

    private static void awaitState(
            TestCore core, DeltaProxy proxy, ProxyStatus.State state, @Nullable Position acknowledged) {
        Await.until(
                () -> core.proxy(proxy.id())
                        .filter(status -> status.getState() == state)
                        .filter(status -> acknowledged == null
                                || Position.of(status.getAcknowledged()).isAtLeast(acknowledged))
                        .isPresent(),
                () -> proxy + " " + Objects.toString(core.proxies));
    }
}
