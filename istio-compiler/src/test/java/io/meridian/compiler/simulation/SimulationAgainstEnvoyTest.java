package io.meridian.compiler.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The model answers as the real Envoy does. The real one forwards to a server that says what it got; a header that each route adds tells which
 * one it was.
 */
@TestInstance(Lifecycle.PER_CLASS)
class SimulationAgainstEnvoyTest {
    private static final String UPSTREAM = "upstream";
    private static final String OTHER_UPSTREAM = "other-upstream";
    private static final String ROUTE_HEADER = "x-route";

    private static final RouteConfiguration CONFIGURATION = RouteConfiguration.newBuilder()
            .setName("all")
            .setIgnorePortInHostMatching(true)
            .addVirtualHosts(host(
                    "reviews",
                    List.of("reviews", "reviews.default"),
                    forward("exact").setMatch(Routes.path("/exact")),
                    forward("any-case").setMatch(Routes.prefix("/Case").setCaseSensitive(Routes.no())),
                    forward("regex").setMatch(Routes.regex("/v[12]/.*")),
                    forward("separated").setMatch(Routes.separated("/app")),
                    forward("header").setMatch(Routes.prefix("/").addHeaders(Routes.header("x-user", "jason"))),
                    forward("without").setMatch(Routes.prefix("/without").addHeaders(Routes.without("x-flag", "on"))),
                    forward("absent").setMatch(Routes.prefix("/absent").addHeaders(Routes.absent("x-flag"))),
                    forward("strict")
                            .setMatch(Routes.prefix("/strict")
                                    .addHeaders(Routes.header("x-flag", "on").setInvertMatch(true))),
                    forward("post").setMatch(Routes.prefix("/").addHeaders(Routes.header(":method", "POST"))),
                    forward("query").setMatch(Routes.prefix("/query").addQueryParameters(Routes.parameter("v", "1"))),
                    forward("debug").setMatch(Routes.prefix("/query").addQueryParameters(Routes.hasParameter("debug"))),
                    rewrite("prefix", "/new").setMatch(Routes.prefix("/old")),
                    rewrite("whole", "/new").setMatch(Routes.path("/whole")),
                    rewrite("of-regex", "/new").setMatch(Routes.regex("/re/.*")),
                    regexRewrite("instance").setMatch(Routes.prefix("/service")),
                    weighted("weighted").setMatch(Routes.prefix("/weighted")),
                    Routes.redirect("moved", redirect -> redirect.setPathRedirect("/there"))
                            .setMatch(Routes.path("/here")),
                    Routes.redirect(
                                    "host",
                                    redirect -> redirect.setHostRedirect("a.example")
                                            .setPortRedirect(8443))
                            .setMatch(Routes.path("/host")),
                    Routes.redirect("scheme", redirect -> redirect.setSchemeRedirect("https"))
                            .setMatch(Routes.path("/scheme")),
                    Routes.redirect("prefixed", redirect -> redirect.setPrefixRewrite("/b/"))
                            .setMatch(Routes.prefix("/a/")),
                    Routes.answer("gone", 410).setMatch(Routes.prefix("/gone"))))
            .addVirtualHosts(
                    host("suffix", List.of("*.example.com"), forward("suffix").setMatch(Routes.prefix("/"))))
            .addVirtualHosts(
                    host("longer", List.of("*.b.example.com"), forward("longer").setMatch(Routes.prefix("/"))))
            .addVirtualHosts(
                    host("prefix", List.of("www.*"), forward("prefix-host").setMatch(Routes.prefix("/"))))
            .addVirtualHosts(host("tls", List.of("secure"), forward("tls").setMatch(Routes.prefix("/"))).toBuilder()
                    .setRequireTls(VirtualHost.TlsRequirementType.ALL))
            .addVirtualHosts(host("any", List.of("*"), forward("any").setMatch(Routes.prefix("/any"))))
            .build();

    @TempDir
    static Path directory;

    private Optional<HttpServer> upstream = Optional.empty();
    private Optional<EnvoyProcess> envoy = Optional.empty();
    private int port;

    private static VirtualHost host(String name, List<String> domains, Route.Builder... routes) {
        VirtualHost.Builder host = VirtualHost.newBuilder().setName(name).addAllDomains(domains);
        for (Route.Builder route : routes) {
            host.addRoutes(route);
        }
        return host.build();
    }

    private static Route.Builder named(String name) {
        return Route.newBuilder()
                .setName(name)
                .addRequestHeadersToAdd(HeaderValueOption.newBuilder()
                        .setHeader(HeaderValue.newBuilder().setKey(ROUTE_HEADER).setValue(name)));
    }

    private static Route.Builder forward(String name) {
        Route.Builder route = named(name);
        route.getRouteBuilder().setCluster(UPSTREAM);
        return route;
    }

    private static Route.Builder rewrite(String name, String prefix) {
        Route.Builder route = forward(name);
        route.getRouteBuilder().setPrefixRewrite(prefix).setHostRewriteLiteral("rewritten.example");
        return route;
    }

    private static Route.Builder regexRewrite(String name) {
        Route.Builder route = forward(name);
        route.getRouteBuilder()
                .getRegexRewriteBuilder()
                .setPattern(RegexMatcher.newBuilder().setRegex("^/service/([^/]+)(/.*)$"))
                .setSubstitution("\\2/instance/\\1");
        return route;
    }

    private static Route.Builder weighted(String name) {
        Route.Builder route = named(name);
        WeightedCluster.Builder clusters = route.getRouteBuilder().getWeightedClustersBuilder();
        clusters.addClustersBuilder().setName(UPSTREAM).setWeight(UInt32Value.of(20));
        clusters.addClustersBuilder().setName(OTHER_UPSTREAM).setWeight(UInt32Value.of(80));
        return route;
    }

    @BeforeAll
    void start() throws IOException {
        EnvoyBinary binary = EnvoyBinary.orSkip();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", SimulationAgainstEnvoyTest::tellWhatCame);
        server.start();
        upstream = Optional.of(server);
        int serverPort = server.getAddress().getPort();
        EnvoyProcess running = EnvoyProcess.start(
                binary,
                StaticBootstrap.of(
                        List.of(listener()),
                        List.of(cluster(UPSTREAM, serverPort), cluster(OTHER_UPSTREAM, serverPort))),
                directory);
        envoy = Optional.of(running);
        port = running.port("it");
    }

    @AfterAll
    void stop() {
        envoy.ifPresent(EnvoyProcess::close);
        upstream.ifPresent(server -> server.stop(0));
    }

    private static void tellWhatCame(HttpExchange exchange) throws IOException {
        String answer = exchange.getRequestHeaders().getFirst(ROUTE_HEADER)
                + " " + exchange.getRequestHeaders().getFirst("Host")
                + " " + exchange.getRequestURI();
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static Listener listener() {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setStatPrefix("it")
                .setRouteConfig(CONFIGURATION)
                // Closes at once; else it lingers for a second after each answer.
                .setDelayedCloseTimeout(Duration.getDefaultInstance())
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        return Listener.newBuilder()
                .setName("it")
                .setAddress(StaticBootstrap.localAddress(0))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.http_connection_manager")
                                .setTypedConfig(Any.pack((Message) manager))))
                .build();
    }

    private static Cluster cluster(String name, int serverPort) {
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.STATIC)
                .setConnectTimeout(Duration.newBuilder().setSeconds(5));
        cluster.getLoadAssignmentBuilder()
                .setClusterName(name)
                .addEndpointsBuilder()
                .addLbEndpointsBuilder()
                .getEndpointBuilder()
                .setAddress(StaticBootstrap.localAddress(serverPort));
        return cluster.build();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(delimiter = '|', textBlock = """
                    GET  | http://reviews/exact                      |            | exact
                    GET  | http://reviews:9080/exact?q=1             |            | exact
                    GET  | http://REVIEWS.default/exact              |            | exact
                    GET  | http://reviews/exact/more                 |            | 404
                    GET  | http://reviews/cASE/x                     |            | any-case
                    GET  | http://reviews/v1/x                       |            | regex
                    GET  | http://reviews/v3/x                       |            | 404
                    GET  | http://reviews/app                        |            | separated
                    GET  | http://reviews/app/x                      |            | separated
                    GET  | http://reviews/apps                       |            | 404
                    GET  | http://reviews/nothing                    | x-user: jason | header
                    GET  | http://reviews/nothing                    | x-user: jason2 | 404
                    GET  | http://reviews/without                    |            | without
                    GET  | http://reviews/without                    | x-flag: on | 404
                    GET  | http://reviews/without                    | x-flag: of | without
                    GET  | http://reviews/absent                     |            | absent
                    GET  | http://reviews/absent                     | x-flag: on | 404
                    GET  | http://reviews/strict                     |            | 404
                    GET  | http://reviews/strict                     | x-flag: of | strict
                    GET  | http://reviews/strict                     | x-flag: on | 404
                    POST | http://reviews/nothing                    |            | post
                    GET  | http://reviews/query?v=1                  |            | query
                    GET  | http://reviews/query?v=2                  |            | 404
                    GET  | http://reviews/query?v=2&debug            |            | debug
                    GET  | http://reviews/query?debug=&v=1           |            | query
                    GET  | http://reviews/old/x?q=1                  |            | prefix
                    GET  | http://reviews/whole?q=1                  |            | whole
                    GET  | http://reviews/re/x/y?q=1                 |            | of-regex
                    GET  | http://reviews/service/foo/v1/api?q=1     |            | instance
                    GET  | http://reviews/weighted                   |            | weighted
                    GET  | http://reviews/here?q=1                   |            | 301
                    GET  | http://reviews:9080/host?q=1              |            | 301
                    GET  | http://reviews/scheme?q=1                 |            | 301
                    GET  | http://reviews:80/scheme                  |            | 301
                    GET  | http://reviews:8080/scheme                |            | 301
                    GET  | http://reviews/a/x?q=1                    |            | 301
                    GET  | http://reviews/gone                       |            | 410
                    GET  | http://a.example.com/                     |            | suffix
                    GET  | http://a.b.example.com/                   |            | longer
                    GET  | http://www.other.org/                     |            | prefix-host
                    GET  | http://www.example.com/                   |            | suffix
                    GET  | http://example.com/                       |            | 404
                    GET  | http://example.com/any                    |            | any
                    GET  | http://secure/x?q=1                       |            | 301
                    """)
    void theModelAnswersAsEnvoyDoes(String method, String url, String header, String expected) {
        SimulatedRequest request = SimulatedRequest.get(url).withMethod(method);
        if (header != null) {
            request = request.withHeader(header.split(": ", 2)[0], header.split(": ", 2)[1]);
        }
        Outcome outcome = new RoutingSimulation(CONFIGURATION).send(request);
        String answer = envoy.orElseThrow().send(port, request);

        assertThat(told(outcome)).startsWith(expected);
        assertThat(told(answer)).isEqualTo(told(outcome));
    }

    private static String told(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Forwarded to -> to.route().getName() + " " + to.authority() + " " + to.path();
            case Outcome.Redirected to -> to.summary();
            case Outcome.Answered answer -> answer.summary();
            case Outcome.NotFound nothing -> nothing.summary();
        };
    }

    /** The same of what came over the wire. */
    private static String told(String answer) {
        String status = answer.substring(9, 12);
        return switch (status) {
            case "200" -> body(answer);
            case "301" -> "301 " + location(answer);
            default -> status;
        };
    }

    private static String body(String answer) {
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        return answer.toLowerCase(java.util.Locale.ROOT).contains("transfer-encoding: chunked")
                ? body.lines().skip(1).findFirst().orElse("")
                : body;
    }

    private static String location(String answer) {
        Matcher location = Pattern.compile("(?im)^location: (.*)$").matcher(answer.replace("\r", ""));
        return location.find() ? location.group(1) : "none";
    }
}
