package io.meridian.core.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.meridian.api.feed.v1.ConfigAnswer;
import io.meridian.api.feed.v1.ConfigRequest;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.feed.v1.ProxyReportAck;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.core.fixture.Waiting;
import io.meridian.core.rpc.Errors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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

        private final List<ConfigRequest> questions = new CopyOnWriteArrayList<>();

        void answer(ConfigAnswer.Builder answer) {
            reports.onNext(ProxyReport.newBuilder()
                    .setGateway("gateway-1")
                    .setConfig(answer.setId(questions.getLast().getId()))
                    .build());
        }

        void report(String gateway, String node) {
            reports.onNext(ProxyReport.newBuilder()
                    .setGateway(gateway)
                    .addUpdated(ProxyStatus.newBuilder().setNode(node).setMesh("bookinfo"))
                    .build());
        }

        @Override
        public void onNext(ProxyReportAck ack) {
            if (ack.hasConfig()) {
                questions.add(ack.getConfig());
                return;
            }
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

    private CompletableFuture<List<ServedResource>> ask(Duration timeout) {
        return server.region()
                .proxies()
                .served(new ConfigQuery(Bookinfo.ID, "a", List.of("RDS"), "reviews"), timeout)
                .toCompletableFuture();
    }

    @Test
    void aGatewayIsAskedWhatItServesAndAnswersInParts() throws Exception {
        Gateway gateway = new Gateway();
        gateway.report("gateway-1", "a");
        Waiting.until("it is acknowledged", () -> gateway.acks.get() == 1);

        CompletableFuture<List<ServedResource>> answer = ask(Duration.ofSeconds(10));
        Waiting.until("it is asked", () -> gateway.questions.size() == 1);
        assertThat(gateway.questions.getFirst().getNode()).isEqualTo("a");
        assertThat(gateway.questions.getFirst().getTypesList()).containsExactly("RDS");
        assertThat(gateway.questions.getFirst().getName()).isEqualTo("reviews");
        gateway.answer(ConfigAnswer.newBuilder().addResources(resource("1")));
        gateway.answer(ConfigAnswer.newBuilder().addResources(resource("2")).setLast(true));

        assertThat(answer.get(10, TimeUnit.SECONDS)).containsExactly(resource("1"), resource("2"));

        CompletableFuture<List<ServedResource>> failing = ask(Duration.ofSeconds(10));
        Waiting.until("it is asked again", () -> gateway.questions.size() == 2);
        gateway.answer(ConfigAnswer.newBuilder().setLast(true).setFailure("not any more"));
        assertThat(failing).failsWithin(Duration.ofSeconds(10));
        assertThat(failure(failing)).contains("not any more");
    }

    @Test
    void aGatewayThatDoesNotAnswerOrGoesAwayIsNamed() {
        Gateway gateway = new Gateway();
        gateway.report("gateway-1", "a");
        Waiting.until("it is acknowledged", () -> gateway.acks.get() == 1);

        CompletableFuture<List<ServedResource>> silent = ask(Duration.ofMillis(50));
        assertThat(silent).failsWithin(Duration.ofSeconds(10));
        assertThat(failure(silent)).contains("gateway gateway-1 did not answer within 50 ms");
        CompletableFuture<List<ServedResource>> gone = ask(Duration.ofSeconds(10));
        gateway.reports.onCompleted();

        assertThat(gone).failsWithin(Duration.ofSeconds(10));
        assertThat(failure(gone)).contains("gateway gateway-1 went away");
    }

    @Test
    void onlySoManyQuestionsAreOpenAtOnce() {
        Gateway gateway = new Gateway();
        gateway.report("gateway-1", "a");
        Waiting.until("it is acknowledged", () -> gateway.acks.get() == 1);
        List<CompletableFuture<List<ServedResource>>> open =
                IntStream.range(0, 4).mapToObj(i -> ask(Duration.ofSeconds(10))).toList();

        CompletableFuture<List<ServedResource>> tooMany = ask(Duration.ofSeconds(10));

        assertThat(tooMany).isCompletedExceptionally();
        assertThat(open).noneMatch(CompletableFuture::isDone);
    }

    private static String failure(CompletableFuture<List<ServedResource>> answer) {
        return Failures.of(Errors.of(answer.exceptionNow())).message();
    }

    private static ServedResource resource(String version) {
        return ServedResource.newBuilder().setType("RDS").setVersion(version).build();
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
