package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.feed.v1.ConfigAnswer;
import io.meridian.api.feed.v1.ConfigRequest;
import io.meridian.api.feed.v1.EventBatch;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.Progress;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.compiler.IstioCompiler;
import io.meridian.compiler.MeshCompiler;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.FailingCompiler;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
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
    void anOldConnectionIsEndedAndItsProxyIsSentNothingThatItHas() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(
                core,
                mesh -> new TestCompiler(),
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
    void theGatewayServesOnWhileTheCoreIsAwayAndCatchesUpWhenItIsBack() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy first = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, first, core.head("bookinfo"));
        core.stop();

        DeltaProxy second = proxy(gateway, "details", "");
        Await.until(() -> second.held(XdsType.ROUTE).containsKey("main"), second::toString);
        assertThat(gateway.serving()).isTrue();
        Position meanwhile = core.route("bookinfo", "other", 8081, "reviews", "/");
        core.start();

        awaitSynced(core, first, meanwhile);
        awaitSynced(core, second, meanwhile);
        assertThat(core.subscriptions.getLast().hasHeld()).isTrue();
        assertThat(first.held(XdsType.ROUTE)).containsOnlyKeys("main", "other");
    }

    @Test
    void aGatewayThatStartsWithoutTheCoreServesFromItsLocalCopy() throws Exception {
        TestCore core = bookinfo();
        Gateway before = gateway(core);
        DeltaProxy first = proxy(before, "productpage", "bookinfo");
        awaitSynced(core, first, core.head("bookinfo"));
        core.service("bookinfo", "ratings", "ratings", 9082);
        Await.until(() -> first.held(XdsType.ENDPOINT).containsKey("ratings"), first::toString);
        before.close();
        core.stop();

        Gateway after = gateway(core);
        DeltaProxy second = proxy(after, "details", "bookinfo");

        Await.until(() -> second.held(XdsType.ROUTE).containsKey("main"), second::toString);
        Await.until(() -> second.held(XdsType.ENDPOINT).containsKey("ratings"), second::toString);
        assertThat(after.serving()).isTrue();
        assertThat(after.meshes().getFirst().state()).isEqualTo("LOCAL_COPY");
        core.start();
        Await.until(() -> after.meshes().getFirst().state().equals("FOLLOWING"), after::meshes);
    }

    @Test
    void nothingIsServedBeforeTheGatewayHasCaughtUp() throws IOException {
        TestCore core = bookinfo().withholdingProgress();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        Await.until(
                () -> core.proxy(proxy.id()).isPresent() && !core.subscriptions.isEmpty(), () -> core.subscriptions);

        assertThat(proxy.responses).isEmpty();
        assertThat(gateway.serving()).isFalse();
        assertThat(core.proxy(proxy.id()).orElseThrow().getState()).isEqualTo(ProxyStatus.State.NOT_SENT);
        core.feedRaw(
                "bookinfo",
                FeedMessage.newBuilder()
                        .setProgress(Progress.getDefaultInstance())
                        .build());
        awaitSynced(core, proxy, core.head("bookinfo"));
        assertThat(gateway.serving()).isTrue();
    }

    @Test
    void anEventThatCannotBeReadStopsTheFoldAndNotTheServing() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        Position good = core.head("bookinfo");
        awaitSynced(core, proxy, good);
        EventEnvelope last = core.fixture("bookinfo").log().getLast();
        EventEnvelope unreadable = EventEnvelope.seal(
                last.header().toBuilder()
                        .setSeq(last.seq() + 1)
                        .setPrevHash(last.hash().bytes())
                        .setType("FromTheFuture")
                        .build(),
                ByteString.EMPTY);

        core.feedRaw(
                "bookinfo",
                FeedMessage.newBuilder()
                        .setEvents(EventBatch.newBuilder().addEnvelopes(unreadable.toProto()))
                        .build());

        Await.until(() -> gateway.meshes().getFirst().state().equals("UNREADABLE"), gateway::meshes);
        assertThat(gateway.meshes().getFirst().position()).isEqualTo(good);
        DeltaProxy late = proxy(gateway, "details", "bookinfo");
        Await.until(() -> late.held(XdsType.ROUTE).containsKey("main"), late::toString);
    }

    @Test
    void anEventThatWasTamperedWithLeadsToASnapshot() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        EventEnvelope last = core.fixture("bookinfo").log().getLast();
        Envelope forged = last.toProto().toBuilder()
                .setPayload(ByteString.copyFromUtf8("x"))
                .build();

        core.feedRaw(
                "bookinfo",
                FeedMessage.newBuilder()
                        .setEvents(EventBatch.newBuilder().addEnvelopes(forged))
                        .build());

        Await.until(() -> core.subscriptions.size() == 2, () -> core.subscriptions);
        assertThat(core.subscriptions.getLast().hasHeld()).isFalse();
        Position next = core.route("bookinfo", "other", 8081, "reviews", "/");
        awaitSynced(core, proxy, next);
    }

    @Test
    void aRefusedResponseIsReportedWithItsTextUntilItIsMended() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy picky = new DeltaProxy(
                        gateway.address(),
                        DeltaProxy.node("picky", "bookinfo"),
                        response -> response.getResourcesList().stream()
                                .anyMatch(resource -> resource.getName().equals("bad")))
                .connect();
        open.add(picky);
        Position good = core.head("bookinfo");
        awaitSynced(core, picky, good);

        Position bad = core.route("bookinfo", "bad", 8082, "reviews", "/");

        Await.until(
                () -> core.proxy(picky.id()).orElseThrow().getTypesList().stream()
                        .anyMatch(type -> type.getRejected().hasEvent()),
                () -> core.proxies);
        ProxyStatus.TypeStatus listeners = core.proxy(picky.id()).orElseThrow().getTypesList().stream()
                .filter(type -> type.getType().equals("LDS"))
                .findFirst()
                .orElseThrow();
        ProxyStatus.Rejection rejection = listeners.getRejected();
        assertThat(rejection.getMessage()).isEqualTo("refused by the test");
        assertThat(rejection.getResourcesList())
                .extracting(ProxyStatus.RejectedResource::getName)
                .containsExactly("bad");
        assertThat(rejection.getVersion()).isEqualTo(listeners.getSent().getVersion());
        assertThat(Position.of(rejection.getPosition())).isEqualTo(bad);
        assertThat(rejection.getObjectsList())
                .extracting(ProxyStatus.Cause::getObject)
                .containsExactly(MeshFixture.virtualService("default", "bad").toProto());
        assertThat(Position.of(rejection.getEvent())).isEqualTo(bad);
        ProxyStatus rejected = core.proxy(picky.id()).orElseThrow();
        assertThat(rejected.getTypesList())
                .filteredOn(type -> type.getState() == ProxyStatus.State.REJECTED)
                .extracting(ProxyStatus.TypeStatus::getType, ProxyStatus.TypeStatus::getNack)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("LDS", "refused by the test"));
        assertThat(Position.of(rejected.getAcknowledged())).isEqualTo(good);
        assertThat(meters.get("pilot.total.xds.rejects")
                        .tag("type", "lds")
                        .counter()
                        .count())
                .isEqualTo(1);
        Position mended = core.unroute("bookinfo", "bad");
        awaitSynced(core, picky, mended);
    }

    @Test
    void anEventThatTouchesNoProxyIsToldToTheCoreAsAPosition() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        int reports = core.reports.size();

        Position namespace =
                core.run("bookinfo", new MeshCommand.CreateNamespace("untouched", NamespaceSpec.getDefaultInstance()));

        awaitSynced(core, proxy, namespace);
        List<ProxyReport> since = List.copyOf(core.reports.subList(reports, core.reports.size()));
        assertThat(since)
                .allSatisfy(report -> assertThat(report.getUpdatedList()).isEmpty());
        assertThat(since).flatExtracting(ProxyReport::getAdvancedList).containsExactly(namespace.toProto());
    }

    @Test
    void whatAProxyIsServedIsToldOnRequest() throws Exception {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        Position changed = core.route("bookinfo", "main", 8080, "reviews", "/v2");
        awaitSynced(core, proxy, changed);

        core.askConfig(ConfigRequest.newBuilder()
                .setId(7)
                .setMesh("bookinfo")
                .setNode(proxy.id())
                .addTypes("RDS")
                .setName("main")
                .build());

        Await.until(() -> core.answers.size() == 1, () -> core.answers);
        ConfigAnswer answer = core.answers.getFirst();
        assertThat(answer.getId()).isEqualTo(7);
        assertThat(answer.getLast()).isTrue();
        assertThat(answer.getFailure()).isEmpty();
        assertThat(answer.getResourcesList()).hasSize(1);
        ServedResource route = answer.getResources(0);
        assertThat(route.getVersion()).isEqualTo(proxy.held(XdsType.ROUTE).get("main"));
        assertThat(route.getState()).isEqualTo(ProxyStatus.State.SYNCED);
        assertThat(Position.of(route.getCompiledFrom())).isEqualTo(changed);
        assertThat(route.getJson().toStringUtf8())
                .contains("\"prefix\":\"/v2\"")
                .startsWith("{\"name\":\"main\"");

        core.askConfig(ConfigRequest.newBuilder()
                .setId(8)
                .setMesh("bookinfo")
                .setNode("nobody")
                .build());
        Await.until(() -> core.answers.size() == 2, () -> core.answers);
        assertThat(core.answers.getLast().getFailure())
                .contains("not connected")
                .contains("gw-1");
    }

    @Test
    void aClientThatConnectsInALoopIsSeenEvenWhileItIsAway() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy restless = proxy(gateway, "restless", "bookinfo");
        for (int i = 0; i < 5; i++) {
            awaitSynced(core, restless, core.head("bookinfo"));
            restless.disconnect();
            Await.until(() -> core.proxies.isEmpty(), () -> core.proxies);
            restless.connect();
        }
        awaitSynced(core, restless, core.head("bookinfo"));

        ProxyStatus.Conduct conduct = core.proxy(restless.id()).orElseThrow().getConduct();
        assertThat(conduct.getStreamsLastMinute()).isEqualTo(6);
        assertThat(conduct.getLastEnd()).isEqualTo("the client closed it");
        ProxyStatus departed = core.departed.getLast();
        assertThat(departed.getNode()).isEqualTo(restless.id());
        assertThat(departed.getPeer()).startsWith("127.0.0.1:");
        assertThat(departed.getDisconnectedAtMs()).isPositive();
        assertThat(departed.getConduct().getStreamsLastMinute()).isEqualTo(5);
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
    void whileItWarmsUpAGatewayServesAndDoesNotSayThatItIsReady() throws Exception {
        TestCore core = bookinfo();
        ManagedChannel feed = core.channel();
        open.add(feed::shutdownNow);
        CountDownLatch cold = new CountDownLatch(1);
        GatewaySettings settings = settings();
        int port = freePort();
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
        assertThat(meters.get("pilot.xds.pushes").tag("type", "cds").counter().count())
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

    private static HealthCheckResponse.ServingStatus health(ManagedChannel channel) {
        return HealthGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(5, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
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

    @Test
    void aScopeThatCannotBeCompiledKeepsItsViewAndHarmsNoOther() throws IOException {
        TestCore core = bookinfo().withMesh("other");
        core.service("other", "ratings", "ratings", 9080);
        FailingCompiler.Plan plan = new FailingCompiler.Plan();
        Gateway gateway = gateway(core, mesh -> new FailingCompiler(plan));
        DeltaProxy unlucky = proxy(gateway, "unlucky", "bookinfo");
        DeltaProxy lucky = proxy(gateway, "productpage", "bookinfo");
        DeltaProxy elsewhere = proxy(gateway, "elsewhere", "other");
        Position first = core.head("bookinfo");
        awaitSynced(core, unlucky, first);
        awaitSynced(core, lucky, first);
        awaitSynced(core, elsewhere, core.head("other"));
        String held = unlucky.held(XdsType.ROUTE).get("main");

        plan.failingNode = unlucky.id();
        Position second = core.route("bookinfo", "main", 8080, "reviews", "/v2");

        awaitSynced(core, lucky, second);
        awaitSynced(core, elsewhere, core.route("other", "main", 8081, "ratings", "/"));
        awaitState(core, unlucky, ProxyStatus.State.STALE);
        assertThat(unlucky.held(XdsType.ROUTE).get("main")).isEqualTo(held);
        assertThat(Position.of(core.proxy(unlucky.id()).orElseThrow().getAcknowledged()))
                .isEqualTo(first);
        assertThat(compileFailures("bookinfo")).isEqualTo(1);

        plan.failingNode = "";
        awaitSynced(core, unlucky, core.route("bookinfo", "main", 8080, "reviews", "/v3"));
        assertThat(unlucky.held(XdsType.ROUTE).get("main"))
                .isEqualTo(lucky.held(XdsType.ROUTE).get("main"));
    }

    @Test
    void aMeshThatCannotBeCompiledKeepsItsViewsUntilItCan() throws IOException {
        TestCore core = bookinfo();
        FailingCompiler.Plan plan = new FailingCompiler.Plan();
        Gateway gateway = gateway(core, mesh -> new FailingCompiler(plan));
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        String held = proxy.held(XdsType.ROUTE).get("main");

        plan.failUpdates = true;
        core.route("bookinfo", "main", 8080, "reviews", "/v2");
        awaitState(core, proxy, ProxyStatus.State.STALE);
        assertThat(proxy.held(XdsType.ROUTE).get("main")).isEqualTo(held);
        // The change failed in the old compiler and in a new one.
        assertThat(compileFailures("bookinfo")).isEqualTo(2);

        plan.failUpdates = false;
        awaitSynced(core, proxy, core.route("bookinfo", "main", 8080, "reviews", "/v3"));
        assertThat(proxy.held(XdsType.ROUTE).get("main")).isNotEqualTo(held);
    }

    private double compileFailures(String mesh) {
        return meters.get("meridian.gateway.compile.failures")
                .tag("mesh", mesh)
                .counter()
                .count();
    }

    private static void awaitState(TestCore core, DeltaProxy proxy, ProxyStatus.State state) {
        Await.until(
                () -> core.proxy(proxy.id())
                        .filter(status -> status.getState() == state)
                        .isPresent(),
                () -> proxy + " " + core.proxies);
    }

    private static Status awaitEnd(DeltaProxy proxy) {
        Await.until(() -> proxy.ended != null, proxy::toString);
        return Status.fromThrowable(Objects.requireNonNull(proxy.ended));
    }

    private TestCore bookinfo() {
        TestCore core = new TestCore().withMesh("bookinfo");
        open.add(core);
        core.service("bookinfo", "reviews", "reviews", 9080);
        core.route("bookinfo", "main", 8080, "reviews", "/");
        return core;
    }

    private Gateway gateway(TestCore core) throws IOException {
        return gateway(core, mesh -> new TestCompiler());
    }

    private Gateway gateway(TestCore core, Function<MeshId, MeshCompiler> compilers) throws IOException {
        return gateway(core, compilers, settings().limits());
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

    private GatewaySettings settings() {
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

    private DeltaProxy proxy(Gateway gateway, String name, String mesh) {
        DeltaProxy proxy = new DeltaProxy(gateway.address(), DeltaProxy.node(name, mesh)).connect();
        open.add(proxy);
        return proxy;
    }

    private static void awaitSynced(TestCore core, DeltaProxy proxy, Position position) {
        Await.until(() -> synced(core, proxy, position), () -> proxy + " " + Objects.toString(core.proxies));
    }

    private static boolean synced(TestCore core, DeltaProxy proxy, Position position) {
        return core.proxy(proxy.id())
                .filter(status -> status.getState() == ProxyStatus.State.SYNCED)
                .filter(status -> Position.of(status.getAcknowledged()).isAtLeast(position))
                .isPresent();
    }
}
