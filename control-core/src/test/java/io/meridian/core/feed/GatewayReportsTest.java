package io.meridian.core.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.feed.v1.ProxyReportAck;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.core.fixture.Waiting;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GatewayReportsTest {
    private final RegionServer server = RegionServer.of(InMemoryRegion.alone());

    @AfterEach
    void close() {
        server.close();
    }

    /** A gateway's end of the stream. */
    private final class Gateway implements StreamObserver<ProxyReportAck> {
        private final AtomicInteger acks = new AtomicInteger();
        private final List<Throwable> failures = new CopyOnWriteArrayList<>();
        private final StreamObserver<ProxyReport> reports =
                EventFeedGrpc.newStub(server.channel()).reportProxies(this);

        void report(String gateway, String node) {
            reports.onNext(ProxyReport.newBuilder()
                    .setGateway(gateway)
                    .addUpdated(ProxyStatus.newBuilder().setNode(node).setMesh("bookinfo"))
                    .build());
        }

        @Override
        public void onNext(ProxyReportAck ack) {
            acks.incrementAndGet();
        }

        @Override
        public void onError(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void onCompleted() {}
    }

    private List<String> nodes() {
        return server.region().proxies().list(Optional.empty()).stream()
                .map(ProxyStatus::getNode)
                .sorted()
                .toList();
    }

    @Test
    void reportsAreAcknowledgedAndForgottenAtTheEndOfTheStream() {
        Gateway gateway = new Gateway();
        gateway.report("gateway-1", "a");
        gateway.report("gateway-1", "b");
        Waiting.until("both are acknowledged", () -> gateway.acks.get() == 2);

        assertThat(nodes()).containsExactly("a", "b");

        gateway.reports.onCompleted();
        Waiting.until("the gateway is forgotten", () -> nodes().isEmpty());
    }

    @Test
    void aGatewayThatComesBackBeforeItsOldStreamEndedKeepsItsProxies() {
        Gateway old = new Gateway();
        old.report("gateway-1", "a");
        Waiting.until("it is acknowledged", () -> old.acks.get() == 1);
        Gateway young = new Gateway();
        young.report("gateway-1", "b");
        Waiting.until("it is acknowledged", () -> young.acks.get() == 1);

        old.report("gateway-1", "late");
        old.reports.onCompleted();
        young.report("gateway-1", "c");
        Waiting.until("all is acknowledged", () -> young.acks.get() == 2 && old.acks.get() == 2);

        assertThat(nodes()).containsExactly("a", "b", "c");
    }

    @Test
    void aReportWithoutAGatewayOrWithAnotherIsRefused() {
        Gateway nameless = new Gateway();
        nameless.report("", "a");
        Gateway changing = new Gateway();
        changing.report("gateway-1", "a");
        changing.report("gateway-2", "a");

        Waiting.until("both are refused", () -> !nameless.failures.isEmpty() && !changing.failures.isEmpty());
        assertThat(Failures.of(nameless.failures.getFirst()).reason()).isEqualTo("INVALID_FIELD");
        assertThat(nodes()).isEmpty();
    }
}
