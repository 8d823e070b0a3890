package io.meridian.gateway.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.Proxy;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.node.ProxyNode;
import io.meridian.model.position.MeshId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeliveriesTest {
    private final AtomicInteger calls = new AtomicInteger();
    private final Deliveries deliveries = new Deliveries(calls::incrementAndGet);
    private final ProxyConnection a = stream(1);
    private final ProxyConnection b = stream(2);
    private final ProxyConnection c = stream(3);

    @Test
    void eachIsTakenOnceHoweverOftenItIsAdded() {
        add(a, b, a);
        assertThat(deliveries.take()).containsExactly(a, b);
        assertThat(deliveries.take()).isEmpty();

        add(a);
        assertThat(deliveries.take()).containsExactly(a);
    }

    @Test
    void whoeverEndedIsNotTaken() {
        add(a, b, c);
        deliveries.remove(a);
        deliveries.remove(a);
        assertThat(deliveries.take()).containsExactlyInAnyOrder(b, c);

        add(a, b, c);
        deliveries.remove(a);
        deliveries.remove(c);
        assertThat(deliveries.take()).containsExactly(b);

        deliveries.remove(b);
        add(b);
        assertThat(deliveries.take()).containsExactly(b);
    }

    @Test
    void whatWasReportedIsNotAddedAgain() {
        add(a);
        deliveries
                .take()
                .forEach(stream -> assertThat(stream.sent().takeUnreported()).isNotZero());

        deliveries.add(a);

        assertThat(deliveries.take()).isEmpty();
    }

    @Test
    void theListenerIsCalledWhenThereIsSomethingAgain() {
        add(a, b);
        assertThat(calls).hasValue(1);

        deliveries.remove(a);
        deliveries.remove(b);
        add(b, c);
        assertThat(calls).hasValue(2);

        assertThat(deliveries.take()).hasSize(2);
        add(a);
        assertThat(calls).hasValue(3);
    }

    private void add(ProxyConnection... streams) {
        for (ProxyConnection stream : streams) {
            stream.sent().note(XdsType.ENDPOINT, new SentResponses.Sent(null, "v", 0, 1));
            deliveries.add(stream);
        }
    }

    private static ProxyConnection stream(long number) {
        Proxy proxy = new Proxy(
                "sidecar~10.0.0.1~p.default~default.svc.cluster.local",
                Proxy.Type.SIDECAR,
                List.of("10.0.0.1"),
                "p",
                "default",
                "default.svc.cluster.local",
                "k8s-1",
                "",
                "",
                Map.of(),
                Proxy.InterceptionMode.REDIRECT,
                "1.27",
                "");
        return new ProxyConnection(
                number,
                new MeshId("bookinfo"),
                new ProxyNode(proxy, "", "1.27"),
                "peer:" + number,
                "DELTA",
                Instant.EPOCH,
                new SentResponses(),
                CompletableFuture::new);
    }
}
