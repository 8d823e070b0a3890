package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that is full says so, and serves those whom it serves. */
class StreamLimitTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @TempDir
    Path data;

    @Test
    void aStreamTooManyIsRefusedUntilAnotherEnds() throws IOException {
        try (TestCore core = new TestCore().withMesh("bookinfo")) {
            core.service("bookinfo", "reviews", "reviews", 9080);
            core.route("bookinfo", "main", 8080, "reviews", "/");
            ManagedChannel feed = core.channel();
            GatewaySettings settings = GatewaySettings.of("gw-1", "eu-1", "127.0.0.1", 0, data);
            try (Gateway gateway = Gateway.start(
                            settings.with(
                                    settings.limits().toBuilder().streams(1).build()),
                            feed,
                            mesh -> new TestCompiler(),
                            meters);
                    DeltaProxy first = proxy(gateway, "first");
                    DeltaProxy second = proxy(gateway, "second")) {
                first.connect();
                Await.until(() -> first.held(XdsType.ROUTE).containsKey("main"), first::toString);

                second.connect();

                Await.until(() -> second.ended != null, second::toString);
                Status refusal = Status.fromThrowable(Objects.requireNonNull(second.ended));
                assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(refusal.getDescription()).contains("1 stream");
                assertThat(meters.get("meridian.gateway.streams.refused")
                                .counter()
                                .count())
                        .isEqualTo(1);
                assertThat(first.ended).isNull();

                first.disconnect();
                Await.until(() -> core.proxies.isEmpty(), () -> core.proxies);
                second.connect();
                Await.until(() -> second.held(XdsType.ROUTE).containsKey("main"), second::toString);
            } finally {
                feed.shutdownNow();
            }
        }
    }

    private static DeltaProxy proxy(Gateway gateway, String name) {
        return new DeltaProxy(gateway.address(), DeltaProxy.node(name, "bookinfo"));
    }
}
