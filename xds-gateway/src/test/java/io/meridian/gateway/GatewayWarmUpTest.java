package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.IstioCompiler;
import io.meridian.compiler.MeshCompiler;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.position.MeshId;
import io.meridian.testsupport.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A gateway that is not warm yet. */
class GatewayWarmUpTest extends WholeGateway {
    @Test
    void whileItWarmsUpAGatewayServesAndDoesNotSayThatItIsReady() throws Exception {
        TestCore core = bookinfo();
        ManagedChannel feed = core.channel();
        open.add(feed::shutdownNow);
        CountDownLatch cold = new CountDownLatch(1);
        GatewaySettings settings = settings();
        int port = Ports.free();
        CompletableFuture<Gateway> started = CompletableFuture.supplyAsync(() -> {
            try {
                return Gateway.start(
                        new GatewaySettings(
                                "gw-1",
                                "eu-1",
                                "127.0.0.1",
                                port,
                                settings.dataDirectory(),
                                settings.limits().toBuilder()
                                        .warmUp(Duration.ofMinutes(1))
                                        .build()),
                        feed,
                        mesh -> mesh.value().equals("bookinfo") ? new TestCompiler() : heldUp(mesh, cold),
                        meters);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(address).usePlaintext().build();
        open.add(channel::shutdownNow);

        // Waits until somebody listens.
        assertThat(health(channel)).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
        DeltaProxy proxy = new DeltaProxy(address, DeltaProxy.node("productpage", "bookinfo")).connect();
        open.add(proxy);
        awaitSynced(core, proxy, core.head("bookinfo"));
        assertThat(health(channel)).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
        assertThat(started).isNotDone();
        cold.countDown();
        Gateway gateway = started.get(60, TimeUnit.SECONDS);
        open.add(gateway);

        assertThat(health(channel)).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
        assertThat(gateway.proxies()).extracting(ProxyStatus::getNode).containsExactly(proxy.id());
        assertThat(core.reports)
                .flatExtracting(ProxyReport::getUpdatedList)
                .extracting(ProxyStatus::getNode)
                .containsOnly(proxy.id());
        assertThat(meters.get("pilot.xds.pushes")
                        .tag("type", "cds")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(gateway.meshes()).extracting(mesh -> mesh.mesh().value()).containsExactly("bookinfo");
    }

    private static MeshCompiler heldUp(MeshId mesh, CountDownLatch until) {
        try {
            if (!until.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("held up for good");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new IstioCompiler(mesh);
    }
}
