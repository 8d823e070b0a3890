package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.Status;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCore;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients with bad manners are told why, and harm no other; those with good ones are bounded as well. */
class GatewayLimitsTest extends WholeGateway {
    @Test
    void anOldConnectionIsEndedAndItsProxyIsSentNothingThatItHas() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(
                core,
                settings().limits().toBuilder()
                        .connectionAge(Duration.ofSeconds(1))
                        .connectionAgeGrace(Duration.ofMillis(100))
                        .build());
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));

        Status end = awaitEnd(proxy);
        assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(end.getDescription()).contains("GOAWAY", "max_age");
        Await.until(() -> !core.departed.isEmpty(), () -> core.proxies);
        assertThat(core.departed.getLast().getConduct().getLastEnd())
                .isEqualTo("its connection was as old as the gateway lets one become");

        // The next connection grows old as well.
        Await.until(
                () -> {
                    if (proxy.ended != null) {
                        proxy.connect();
                    }
                    return synced(core, proxy, core.head("bookinfo"));
                },
                proxy::toString);
        assertThat(proxy.responses).isEmpty();
    }

    @Test
    void aStreamTooManyIsRefusedUntilAnotherEnds() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway =
                gateway(core, settings().limits().toBuilder().streams(1).build());
        DeltaProxy first = proxy(gateway, "first", "bookinfo");
        awaitSynced(core, first, core.head("bookinfo"));

        DeltaProxy second = proxy(gateway, "second", "bookinfo");

        assertThat(awaitEnd(second).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(awaitEnd(second).getDescription()).contains("serves 1 streams");
        assertThat(meters.get("meridian.gateway.streams.refused").counter().count())
                .isEqualTo(1);
        assertThat(first.ended).isNull();
        first.disconnect();
        Await.until(core.proxies::isEmpty, () -> core.proxies);
        second.connect();
        awaitSynced(core, second, core.head("bookinfo"));
    }

    @Test
    void aBadNodeIdIsRefusedByName() throws IOException {
        Gateway gateway = gateway(bookinfo());
        DeltaProxy proxy = new DeltaProxy(
                        gateway.address(), Node.newBuilder().setId("hello").build())
                .connect();
        open.add(proxy);

        assertThat(awaitEnd(proxy).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(awaitEnd(proxy).getDescription()).contains("'hello'");
    }

    @Test
    void anAbsurdSubscriptionEndsItsStreamAndNoOther() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy good = proxy(gateway, "productpage", "bookinfo");
        DeltaProxy absurd = proxy(gateway, "absurd", "bookinfo");
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(XdsType.ENDPOINT.typeUrl());
        for (int i = 0; i <= 1000; i++) {
            request.addResourceNamesSubscribe("name-" + i);
        }

        absurd.send(request);

        assertThat(awaitEnd(absurd).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(awaitEnd(absurd).getDescription()).contains(absurd.id());
        awaitSynced(core, good, core.head("bookinfo"));
    }

    @Test
    void garbageOnThePortHurtsNobody() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        for (String garbage :
                List.of("GET / HTTP/1.1\r\n\r\n", "\0\1\2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxxxxxxxx")) {
            try (Socket socket =
                    new Socket(gateway.address().getAddress(), gateway.address().getPort())) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(garbage.repeat(20).getBytes(StandardCharsets.ISO_8859_1));
                socket.shutdownOutput();
                assertThat(socket.getInputStream().readAllBytes()).isNotNull();
            } catch (java.net.SocketException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
        }

        awaitSynced(core, proxy(gateway, "productpage", "bookinfo"), core.head("bookinfo"));
    }

    @Test
    void aClientThatDoesNotReadDelaysNobodyAndIsCutOff() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy good = proxy(gateway, "productpage", "bookinfo");
        DeltaProxy slow = new DeltaProxy(gateway.address(), DeltaProxy.node("slow", "bookinfo"));
        open.add(slow);
        slow.pause();
        slow.connect();
        List<String> names = IntStream.range(0, 20).mapToObj(i -> "large-" + i).toList();
        for (String name : names) {
            core.route("bookinfo", name, 8083, "reviews", "/" + "x".repeat(100_000));
        }

        Await.until(() -> good.held(XdsType.ROUTE).size() == 21, good::toString);
        slow.send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(XdsType.ROUTE.typeUrl())
                .addAllResourceNamesSubscribe(names));

        Await.until(() -> gateway.proxies().size() == 1, gateway::proxies);
        assertThat(gateway.proxies().getFirst().getNode()).isEqualTo(good.id());
        Await.until(() -> !core.departed.isEmpty(), () -> core.departed);
        assertThat(core.departed.getLast().getNode()).isEqualTo(slow.id());
        assertThat(core.departed.getLast().getConduct().getLastEnd())
                .startsWith("RESOURCE_EXHAUSTED: this client has read nothing for");
    }
}
