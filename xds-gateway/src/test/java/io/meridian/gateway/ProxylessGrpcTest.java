package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.Channel;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.xds.XdsServerBuilder;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.IstioCompiler;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.EchoServer;
import io.meridian.gateway.fixture.ProxylessClient;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.gateway.fixture.TestServices;
import io.meridian.model.position.Position;
import io.meridian.testsupport.Ports;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** grpc-java's own xDS client and server behind a whole gateway with the real compiler; judged by who answers real calls. */
@Timeout(60)
class ProxylessGrpcTest {
    private static final String MESH = "shop";
    private static final String NODE = "sidecar~127.0.0.1~client.default~default.svc.cluster.local";
    private static final String ECHO = "echo.default.svc.cluster.local:7070";
    private static final String ROUTES = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: echo, namespace: default}
            spec:
              hosts: [echo]
              http:
            """;
    /** So many that each of two endpoints, or weights, is met: all but one in a million runs. */
    private static final int CALLS = 20;

    private static final int LIMIT_SECONDS = 10;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<String, AtomicInteger> failures = EchoServer.failures();
    private final TestCore core = new TestCore().withMesh(MESH);
    private final TestServices services = TestServices.in(core, MESH);
    private final ManagedChannel feed = core.channel();
    private Gateway gateway;
    private ProxylessClient client;
    private int calls;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        open.add(core);
        open.add(feed::shutdownNow);
        services.service("echo", 7070);
        gateway = gateway("first", 0);
        client = new ProxylessClient(List.of(gateway.address()), NODE);
        open.add(client);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Gateway gateway(String id, int port) throws IOException {
        Gateway started = Gateway.start(
                GatewaySettings.of(id, "eu-1", "127.0.0.1", port, directory.resolve(id)),
                feed,
                IstioCompiler::new,
                new SimpleMeterRegistry());
        open.add(started);
        return started;
    }

    private EchoServer instance(String version) {
        EchoServer server = EchoServer.start(version, failures);
        open.add(server);
        services.instance("echo", version, server.port());
        return server;
    }

    private void apply(String yaml) {
        awaitSynced(services.apply(yaml));
    }

    /** Applies routes of the service: the list under {@code http}. */
    private void route(String http) {
        apply(ROUTES + http.indent(2));
    }

    private void rule(String policy) {
        apply("""
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: echo, namespace: default}
                spec:
                  host: echo
                  trafficPolicy: {%s}
                  subsets:
                  - {name: v1, labels: {version: v1}}
                  - {name: v2, labels: {version: v2}}
                """.formatted(policy));
    }

    /** Until the client has acknowledged all, if it is connected. */
    private void awaitSynced(Position position) {
        Await.until(
                () -> core.proxy(NODE)
                        .map(status -> status.getState() == ProxyStatus.State.SYNCED
                                && Position.of(status.getAcknowledged()).isAtLeast(position))
                        .orElse(true),
                () -> core.proxies);
    }

    private static String answer(Channel channel, String... headers) {
        try {
            return EchoServer.call(channel, headers);
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().name();
        }
    }

    private static Set<String> answers(Channel channel, String... headers) {
        return IntStream.range(0, CALLS)
                .mapToObj(call -> answer(channel, headers))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The client applies what it has acknowledged a moment later. */
    private static void awaitAnswers(Channel channel, Set<String> expected, String... headers) {
        Await.until(() -> answers(channel, headers).equals(expected), () -> answers(channel, headers));
    }

    private ManagedChannel echo() {
        return client.channel(ECHO);
    }

    @Test
    void callsAreBalancedOverAllEndpointsAndOnlyWhatIsAskedForIsSent() {
        instance("v1");
        instance("v2");
        services.service("other", 7071);

        awaitAnswers(echo(), Set.of("v1", "v2"));
        awaitAnswers(client.channel("echo:7070"), Set.of("v1", "v2"));
        awaitAnswers(client.channel("echo.default.svc:7070"), Set.of("v1", "v2"));

        Await.until(() -> core.proxy(NODE).isPresent(), () -> core.proxies);
        awaitSynced(core.head(MESH));
        ProxyStatus status = core.proxy(NODE).orElseThrow();
        assertThat(status.getState()).isEqualTo(ProxyStatus.State.SYNCED);
        assertThat(status.getTypesList())
                .extracting(ProxyStatus.TypeStatus::getType, ProxyStatus.TypeStatus::getResources)
                .containsExactly(tuple("CDS", 1), tuple("EDS", 1), tuple("LDS", 1), tuple("RDS", 1));
    }

    @Test
    void routesAreChosenByWeightsHeadersAndLabels() {
        instance("v1");
        instance("v2");
        rule("");
        Channel channel = echo();

        route("- route: [{destination: {host: echo, subset: v2}}]\n");
        awaitAnswers(channel, Set.of("v2"));

        route("""
                - route:
                  - {destination: {host: echo, subset: v1}, weight: 100}
                  - {destination: {host: echo, subset: v2}, weight: 0}
                """);
        awaitAnswers(channel, Set.of("v1"));

        route("""
                - route:
                  - {destination: {host: echo, subset: v1}, weight: 50}
                  - {destination: {host: echo, subset: v2}, weight: 50}
                """);
        awaitAnswers(channel, Set.of("v1", "v2"));

        route("""
                - match: [{headers: {x-user: {exact: jason}}, method: {exact: POST}, uri: {prefix: /meridian.test.Echo/}}]
                  route: [{destination: {host: echo, subset: v2}}]
                - match: [{withoutHeaders: {x-user: {exact: martha}}}]
                  route: [{destination: {host: echo, subset: v1}}]
                - directResponse: {status: 403}
                """);
        awaitAnswers(channel, Set.of("v2"), "x-user", "jason");
        awaitAnswers(channel, Set.of("v1"), "x-user", "peter");
        awaitAnswers(channel, Set.of("v1"));
        awaitAnswers(channel, Set.of("PERMISSION_DENIED"), "x-user", "martha");
    }

    @Test
    void faultsTimeLimitsAndRetriesWork() {
        EchoServer server = instance("v1");
        Channel channel = echo();
        awaitAnswers(channel, Set.of("v1"));

        route("""
                - match: [{headers: {x-fault: {exact: abort}}}]
                  fault: {abort: {percentage: {value: 100}, grpcStatus: RESOURCE_EXHAUSTED}}
                  route: [{destination: {host: echo}}]
                - match: [{headers: {x-limit: {exact: short}}}]
                  timeout: 100ms
                  route: [{destination: {host: echo}}]
                - match: [{headers: {x-retry: {exact: never}}}]
                  retries: {attempts: 0}
                  route: [{destination: {host: echo}}]
                - retries: {attempts: 3, retryOn: "unavailable,503", backoff: 1ms}
                  route: [{destination: {host: echo}}]
                """);
        awaitAnswers(channel, Set.of("RESOURCE_EXHAUSTED"), "x-fault", "abort");
        assertThat(answer(channel, "x-limit", "short", "x-hold", "")).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(server.holding()).isOne();

        assertThat(answer(channel, "x-retry", "never", "x-fail", id(1))).isEqualTo("UNAVAILABLE");
        assertThat(answer(channel, "x-fail", id(3))).isEqualTo("v1");
        assertThat(answer(channel, "x-fail", id(4))).isEqualTo("UNAVAILABLE");
    }

    /** A call that fails so often. */
    private String id(int times) {
        return "call-" + ++calls + " " + times;
    }

    @Test
    void withoutVirtualServiceACallIsTriedThreeTimes() {
        instance("v1");
        Channel channel = echo();
        awaitAnswers(channel, Set.of("v1"));

        assertThat(answer(channel, "x-fail", id(2))).isEqualTo("v1");
        assertThat(answer(channel, "x-fail", id(3))).isEqualTo("UNAVAILABLE");
    }

    @Test
    void endpointsComeAndGo() {
        EchoServer first = instance("v1");
        Channel channel = echo();
        awaitAnswers(channel, Set.of("v1"));

        instance("v2");
        awaitAnswers(channel, Set.of("v1", "v2"));

        services.withoutInstance("echo", "v1");
        awaitAnswers(channel, Set.of("v2"));
        first.close();
        assertThat(answers(channel)).containsExactly("v2");
    }

    @Test
    void aServiceIsReachedOnceItExistsAndNoLongerWhenItIsGone() throws Exception {
        ManagedChannel channel = client.channel("late.default.svc.cluster.local:7072");
        // Clients give a name 15 s to exist.
        CompletableFuture<String> early = inBackground(() -> answer(channel));
        Await.until(() -> core.proxy(NODE).isPresent(), () -> core.proxies);
        awaitSynced(core.head(MESH));
        assertThat(early).isNotDone();

        EchoServer server = EchoServer.start("late", failures);
        open.add(server);
        services.instance("late", "v1", server.port());
        services.service("late", 7072);
        assertThat(early.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("late");

        services.withoutService("late");
        awaitAnswers(channel, Set.of("UNAVAILABLE"));
    }

    @Test
    void callsGoOnWhileTheGatewayIsAwayAndChangesArriveWhenItIsBack() throws IOException {
        instance("v1");
        instance("v2");
        rule("");
        Channel channel = echo();
        awaitAnswers(channel, Set.of("v1", "v2"));
        int port = gateway.address().getPort();

        gateway.close();
        Await.until(() -> core.proxy(NODE).isEmpty(), () -> core.proxies);
        assertThat(answers(channel)).containsExactly("v1", "v2");

        gateway("second", port);
        Await.until(() -> core.proxy(NODE).isPresent(), () -> core.proxies);
        awaitSynced(core.head(MESH));
        assertThat(answers(channel)).containsExactly("v1", "v2");
        route("- route: [{destination: {host: echo, subset: v2}}]\n");
        awaitAnswers(channel, Set.of("v2"));
    }

    /** gRFC A71. */
    @Test
    void aClientGoesToTheNextGatewayOfItsListAndReturnsToTheFirst() throws IOException {
        instance("v1");
        Gateway next = gateway("next", 0);
        InetSocketAddress first = gateway.address();
        gateway.close();
        ProxylessClient ofTwo = new ProxylessClient(List.of(first, next.address()), NODE);
        open.add(ofTwo);
        Channel channel = ofTwo.channel(ECHO);

        awaitAnswers(channel, Set.of("v1"));
        awaitConnectedTo("next");

        gateway("first again", first.getPort());
        awaitConnectedTo("first again");
        instance("v2");
        awaitAnswers(channel, Set.of("v1", "v2"));
    }

    private void awaitConnectedTo(String id) {
        Await.until(() -> core.proxy(NODE).map(ProxyStatus::getGateway).equals(Optional.of(id)), () -> core.proxies);
    }

    @Test
    void callsWithTheSameHeaderGoToTheSameEndpoint() {
        for (String version : List.of("v1", "v2", "v3", "v4")) {
            instance(version);
        }
        Channel channel = echo();
        awaitAnswers(channel, Set.of("v1", "v2", "v3", "v4"));

        rule("loadBalancer: {consistentHash: {httpHeaderName: x-user}}");
        for (String user : List.of("a", "b", "c")) {
            Await.until(() -> answers(channel, "x-user", user).size() == 1, () -> answers(channel, "x-user", user));
        }
        assertThat(IntStream.range(0, CALLS)
                        .mapToObj(user -> answer(channel, "x-user", "user-" + user))
                        .collect(Collectors.toSet()))
                .hasSizeGreaterThan(1);

        rule("loadBalancer: {consistentHash: {useSourceIp: true, maglev: {}}}");
        Await.until(() -> answers(channel).size() == 1, () -> answers(channel));
    }

    @Test
    void nothingThatGrpcLacksIsRefused() {
        instance("v1");
        instance("v2");
        Channel channel = echo();
        awaitAnswers(channel, Set.of("v1", "v2"));
        Await.until(() -> core.proxy(NODE).isPresent(), () -> core.proxies);

        for (String policy : List.of(
                "loadBalancer: {simple: LEAST_REQUEST, warmup: {duration: 30s}}",
                "loadBalancer: {simple: RANDOM}",
                "loadBalancer: {simple: PASSTHROUGH}",
                "outlierDetection: {consecutive5xxErrors: 3, interval: 1s, minHealthPercent: 50}",
                "tls: {mode: ISTIO_MUTUAL}, proxyProtocol: {version: V2}",
                "connectionPool: {tcp: {connectTimeout: 3s, maxConnections: 9}, http: {http2MaxRequests: 7, maxRetries: 3}}")) {
            rule(policy);
        }
        route("""
                - match: [{uri: {regex: "/none/[a-z]+"}}, {queryParams: {q: {exact: x}}}, {scheme: {exact: https}}]
                  redirect: {uri: /, redirectCode: 302}
                - match: [{uri: {prefix: /METERS}, ignoreUriCase: true, headers: {x-any: {}}}]
                  directResponse: {status: 418, body: {string: teapot}}
                - corsPolicy: {allowOrigins: [{exact: "https://example.com"}], allowMethods: [GET]}
                  rewrite: {uri: /, authority: example.com}
                  mirrors: [{destination: {host: echo}, percentage: {value: 50}}]
                  headers: {request: {set: {x-a: b}, remove: [x-c]}, response: {add: {x-d: e}}}
                  fault: {delay: {percentage: {value: 100}, fixedDelay: 1ms}}
                  retries: {attempts: 9, perTryTimeout: 1s, retryOn: "5xx,gateway-error,retriable-4xx"}
                  route:
                  - {destination: {host: echo, subset: v1}, weight: 50, headers: {request: {set: {host: a.example.com}}}}
                  - {destination: {host: echo, subset: v2}, weight: 50}
                """);
        awaitAnswers(channel, Set.of("v1", "v2"));
    }

    @Test
    void aServerServesAtThePortsOfItsWorkload() throws Exception {
        int port = Ports.free();
        services.instance("echo", "v1", port);
        xdsServer("v1", port).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        awaitAnswers(echo(), Set.of("v1"));

        // At a port that its workload is not known to serve it waits until it is.
        int other = Ports.free();
        CompletableFuture<EchoServer> starting = xdsServer("v2", other);
        Await.until(() -> core.proxy(node("v2")).isPresent(), () -> core.proxies);
        assertThat(starting).isNotDone();
        services.instance("echo", "v2", other);
        starting.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        awaitAnswers(echo(), Set.of("v1", "v2"));
    }

    private static String node(String version) {
        return NODE.replace("client", "echo-" + version);
    }

    /** Starts a server of workload echo-VERSION. */
    private CompletableFuture<EchoServer> xdsServer(String version, int port) {
        XdsServerBuilder builder = XdsServerBuilder.forPort(port, InsecureServerCredentials.create())
                .overrideBootstrapForTest(ProxylessClient.bootstrap(List.of(gateway.address()), node(version)));
        EchoServer server = EchoServer.of(version, failures, builder);
        open.add(server);
        return inBackground(server::start);
    }

    private static <T> CompletableFuture<T> inBackground(Supplier<T> task) {
        return CompletableFuture.supplyAsync(
                task, run -> Thread.ofPlatform().daemon().start(run));
    }
}
