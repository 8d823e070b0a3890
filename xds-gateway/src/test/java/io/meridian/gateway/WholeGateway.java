package io.meridian.gateway;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.MeshCompiler;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway: a real feed before it, real connections behind it. What a test opens is closed behind it. */
abstract class WholeGateway {
    /** Closed after the test, the last first. */
    final List<AutoCloseable> open = new ArrayList<>();
    /** Of the gateway that was started last. */
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    Path data;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    static void awaitState(TestCore core, DeltaProxy proxy, ProxyStatus.State state) {
        Await.until(
                () -> core.proxy(proxy.id())
                        .filter(status -> status.getState() == state)
                        .isPresent(),
                () -> proxy + " " + core.proxies);
    }

    /** How its stream ended. */
    static Status awaitEnd(DeltaProxy proxy) {
        Await.until(() -> proxy.ended != null, proxy::toString);
        return Status.fromThrowable(Objects.requireNonNull(proxy.ended));
    }

    /** A mesh of that name, with service reviews and, at port 8080, route main to it. */
    TestCore bookinfo() {
        TestCore core = new TestCore().withMesh("bookinfo");
        open.add(core);
        core.service("bookinfo", "reviews", "reviews", 9080);
        core.route("bookinfo", "main", 8080, "reviews", "/");
        return core;
    }

    Gateway gateway(TestCore core) throws IOException {
        return gateway(core, mesh -> new TestCompiler());
    }

    Gateway gateway(TestCore core, Function<MeshId, MeshCompiler> compilers) throws IOException {
        return gateway(core, compilers, settings().limits());
    }

    Gateway gateway(TestCore core, GatewaySettings.Limits limits) throws IOException {
        return gateway(core, mesh -> new TestCompiler(), limits);
    }

    private Gateway gateway(TestCore core, Function<MeshId, MeshCompiler> compilers, GatewaySettings.Limits limits)
            throws IOException {
        ManagedChannel feed = core.channel();
        open.add(() -> feed.shutdownNow());
        meters.clear();
        Gateway gateway = Gateway.start(settings().with(limits), feed, compilers, meters);
        open.add(gateway);
        return gateway;
    }

    /** With short waits, and of names so few that they can be exceeded. */
    GatewaySettings settings() {
        GatewaySettings defaults = GatewaySettings.of("gw-1", "eu-1", "127.0.0.1", 0, data);
        GatewaySettings.Limits limits = defaults.limits();
        return new GatewaySettings(
                "gw-1",
                "eu-1",
                "127.0.0.1",
                0,
                defaults.dataDirectory(),
                limits.toBuilder()
                        .namesPerStream(1000)
                        .stallLimit(Duration.ofMillis(500))
                        .meshWait(Duration.ofMillis(500))
                        .drainGrace(Duration.ofMillis(100))
                        .mostBackoff(Duration.ofMillis(200))
                        .copyInterval(Duration.ofMillis(20))
                        .build());
    }

    /** Connected. */
    DeltaProxy proxy(Gateway gateway, String name, String mesh) {
        DeltaProxy proxy = new DeltaProxy(gateway.address(), DeltaProxy.node(name, mesh)).connect();
        open.add(proxy);
        return proxy;
    }

    /** Until the core knows that the proxy has acknowledged all up to the position. */
    static void awaitSynced(TestCore core, DeltaProxy proxy, Position position) {
        Await.until(() -> synced(core, proxy, position), () -> proxy + " " + Objects.toString(core.proxies));
    }

    static boolean synced(TestCore core, DeltaProxy proxy, Position position) {
        return core.proxy(proxy.id())
                .filter(status -> status.getState() == ProxyStatus.State.SYNCED)
                .filter(status -> Position.of(status.getAcknowledged()).isAtLeast(position))
                .isPresent();
    }

    static HealthCheckResponse.ServingStatus health(ManagedChannel channel) {
        return HealthGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(5, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }
}
