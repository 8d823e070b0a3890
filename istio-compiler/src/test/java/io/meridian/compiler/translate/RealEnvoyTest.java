package io.meridian.compiler.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.MeshSpec.LoadBalancing;
import io.meridian.compiler.simulation.EnvoyBinary;
import io.meridian.compiler.simulation.StaticBootstrap;
import io.meridian.compiler.translate.HttpConnectionManagers.Kind;
import io.meridian.compiler.translate.HttpConnectionManagers.Settings;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.TrafficPolicy;
import io.meridian.model.istio.VirtualService;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Envoy accepts what is translated: one message that it refuses would cost a proxy all of an update. */
class RealEnvoyTest {
    private static final MeshSpec MESH = MeshSpec.newBuilder()
            .setTrustDomain("cluster.local")
            .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true))
            .setTracing(MeshSpec.Tracing.newBuilder().setSamplingPercent(1))
            .build();

    private static final String EVERY_KIND_OF_ROUTE = """
            - match: [{uri: {exact: /redirect}}]
              redirect: {uri: /new, authority: other.example, scheme: https, port: 8443, redirectCode: 307}
            - match: [{uri: {prefix: /direct}}]
              directResponse: {status: 503, body: {string: gone}}
            - name: conditions
              match:
              - name: one
                uri: {regex: '/v[12]/.*'}
                scheme: {exact: http}
                method: {regex: 'GET|HEAD'}
                authority: {prefix: rev}
                headers: {x-a: {}, x-b: {exact: '1'}, x-c: {prefix: a}, x-d: {regex: 'a+'}}
                withoutHeaders: {x-e: {}, x-f: {exact: '1'}}
                queryParams: {q: {}, v: {exact: '1'}, w: {regex: '\\d+'}}
                statPrefix: conditions
              - uri: {prefix: /case}
                ignoreUriCase: true
              route: [{destination: {host: reviews, subset: v1}}]
            - match: [{uri: {prefix: /policies}}]
              headers:
                request: {set: {x-a: '%DOWNSTREAM_REMOTE_ADDRESS%', host: other.example}, add: {x-b: b}, remove: [x-c]}
                response: {set: {x-d: d}, remove: [x-e]}
              timeout: 3s
              retries:
                attempts: 3
                perTryTimeout: 1s
                retryOn: 5xx,reset,503
                retryRemoteLocalities: true
                backoff: 10ms
              fault:
                delay: {percentage: {value: 0.1}, fixedDelay: 5s}
                abort: {percentage: {value: 50}, httpStatus: 500}
              corsPolicy:
                allowOrigins: [{exact: 'https://a.example'}, {regex: '.*'}]
                allowMethods: [GET]
                allowHeaders: [x-a]
                maxAge: 24h
                allowCredentials: true
              mirrors: [{destination: {host: ratings}, percentage: {value: 50}}]
              route:
              - destination: {host: reviews, subset: v1}
                weight: 1
                headers: {request: {set: {host: v1.example}}, response: {remove: [x-f]}}
              - {destination: {host: reviews, subset: v2}, weight: 99}
            - match: [{uri: {prefix: /rewrite}}]
              rewrite: {uri: /, authority: other.example}
              route: [{destination: {host: reviews}}]
            - match: [{uri: {prefix: /regex}}]
              rewrite: {uriRegexRewrite: {match: '^/regex/([^/]+)', rewrite: '/\\1'}}
              retries: {attempts: 0}
              route: [{destination: {host: reviews}}]
            - fault: {abort: {percentage: {value: 100}, grpcStatus: UNAVAILABLE}}
              route: [{destination: {host: reviews}}]
            """;

    @TempDir
    Path directory;

    private void assertAccepted(List<Listener> listeners, List<Cluster> clusters) {
        assertThat(EnvoyBinary.orSkip().complaint(StaticBootstrap.of(listeners, clusters), directory))
                .isEmpty();
    }

    private static Listener listener(int number, Filter filter, Optional<TransportSocket> tls) {
        FilterChain.Builder chain = FilterChain.newBuilder().addFilters(filter);
        tls.ifPresent(chain::setTransportSocket);
        return Listener.newBuilder()
                .setName("listener-" + number)
                .setAddress(StaticBootstrap.localAddress(10_000 + number))
                .addAllAccessLog(AccessLogs.ofListener(MESH))
                .addFilterChains(chain)
                .build();
    }

    private static Cluster cluster(String name, Consumer<Cluster.Builder> settings) {
        Cluster.Builder cluster =
                Cluster.newBuilder().setName(name).setType(DiscoveryType.STATIC).setAltStatName(name + ";");
        cluster.getLoadAssignmentBuilder().setClusterName(name);
        settings.accept(cluster);
        return cluster.build();
    }

    private static Consumer<Cluster.Builder> policy(String yaml, Protocol protocol) {
        return cluster -> ClusterTranslation.apply(
                cluster,
                yaml.isEmpty() ? TrafficPolicy.NONE : Specs.trafficPolicy(yaml),
                new ClusterTranslation.Context(
                        LoadBalancing.LEAST_REQUEST,
                        protocol,
                        ClusterNames.outboundSni(9080, "", "reviews.default.svc.cluster.local"),
                        false));
    }

    @Test
    void acceptsEveryKindOfRouteInEveryKindOfManager() {
        List<Route> routes = Specs.routes(Specs.SIDECAR, EVERY_KIND_OF_ROUTE, Optional.of(Specs.destinationRule("""
                                host: reviews
                                trafficPolicy:
                                  loadBalancer: {consistentHash: {httpCookie: {name: user, path: /, ttl: 0s, attributes: [{name: SameSite, value: Strict}]}}}
                                subsets:
                                - {name: v1, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}
                                - {name: v2, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}}
                                """)));
        RouteConfiguration configuration = RouteConfigurations.outbound("9080")
                .addVirtualHosts(
                        RouteConfigurations.virtualHost("reviews:9080", List.of("reviews", "reviews.default"), routes))
                .addVirtualHosts(RouteConfigurations.allowAny())
                .build();
        RouteConfiguration inbound = RouteConfigurations.inbound(
                ClusterNames.inbound(9080),
                "inbound|http|9080",
                HttpRouteTranslation.inboundRoute(ClusterNames.inbound(9080), "reviews:9080/*"));
        RouteConfiguration blocking = RouteConfigurations.outbound("80")
                .addVirtualHosts(RouteConfigurations.blockAll())
                .build();

        assertThat(routes).hasSize(8);
        assertAccepted(
                List.of(
                        listener(
                                1,
                                HttpConnectionManagers.inline(settings(Kind.SIDECAR_OUTBOUND), configuration),
                                Optional.empty()),
                        listener(2, HttpConnectionManagers.inline(settings(Kind.GATEWAY), blocking), Optional.empty()),
                        listener(
                                3,
                                HttpConnectionManagers.inline(settings(Kind.SIDECAR_INBOUND), inbound),
                                Optional.empty()),
                        listener(4, HttpConnectionManagers.overRds(settings(Kind.GATEWAY)), Optional.empty())),
                List.of());
    }

    private static Settings settings(Kind kind) {
        return new Settings(kind, "outbound_0.0.0.0_9080;", "9080", MESH);
    }

    @Test
    void acceptsEveryKindOfPolicy() {
        Certificates files = Certificates.in(directory);
        List<String> policies = List.of(
                "",
                "loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 60s, minimumPercent: 20, aggression: 1.5}}",
                "loadBalancer: {simple: LEAST_REQUEST, warmup: {duration: 60s}}",
                "loadBalancer: {simple: RANDOM}",
                "loadBalancer: {simple: PASSTHROUGH}",
                "loadBalancer: {consistentHash: {httpHeaderName: x, maglev: {tableSize: 7}}}",
                "loadBalancer: {consistentHash: {httpHeaderName: x, ringHash: {minimumRingSize: 99}}}",
                "loadBalancer: {localityLbSetting: {distribute: [{from: a/*, to: {'a/*': 80, 'b/*': 20}}]}}",
                """
                connectionPool:
                  tcp:
                    maxConnections: 10
                    connectTimeout: 30ms
                    tcpKeepalive: {probes: 3, time: 7200s, interval: 75s}
                    maxConnectionDuration: 1h
                    idleTimeout: 5s
                  http:
                    http1MaxPendingRequests: 20
                    http2MaxRequests: 30
                    maxRequestsPerConnection: 1
                    maxRetries: 4
                    h2UpgradePolicy: UPGRADE
                    maxConcurrentStreams: 100
                    http2KeepAlive: {interval: 10s}
                retryBudget: {percent: 30}
                """,
                "connectionPool: {http: {useClientProtocol: true, idleTimeout: 3s}}",
                """
                outlierDetection:
                  consecutive5xxErrors: 7
                  consecutiveGatewayErrors: 0
                  interval: 1s
                  baseEjectionTime: 2m
                  maxEjectionPercent: 50
                  minHealthPercent: 40
                  splitExternalLocalOriginErrors: true
                  consecutiveLocalOriginFailures: 3
                """,
                "tls: {mode: ISTIO_MUTUAL}",
                "tls: {mode: SIMPLE, insecureSkipVerify: true}",
                "tls: {mode: SIMPLE, caCertificates: CERT}",
                "tls: {mode: SIMPLE, caCertificates: CERT, sni: a.example, subjectAltNames: [b.example]}",
                "tls: {mode: SIMPLE, credentialName: ca}",
                "tls: {mode: MUTUAL, clientCertificate: CERT, privateKey: KEY, caCertificates: CERT}",
                "tls: {mode: MUTUAL, credentialName: client}",
                "tls: {mode: SIMPLE, insecureSkipVerify: true}\nproxyProtocol: {version: V2}",
                "proxyProtocol: {version: V1}");
        List<Cluster> clusters = new ArrayList<>();
        for (String policy : policies) {
            String yaml = policy.replace("CERT", files.certificate().toString())
                    .replace("KEY", files.key().toString());
            for (Protocol protocol : List.of(Protocol.HTTP, Protocol.GRPC, Protocol.AUTO)) {
                Cluster cluster = cluster("cluster-" + clusters.size(), policy(yaml, protocol));
                clusters.add(secretsOverTheirOwnStream(cluster));
            }
        }
        clusters.add(cluster(
                ClusterNames.PASSTHROUGH,
                cluster -> ClusterTranslation.applyPool(
                        cluster.setType(DiscoveryType.ORIGINAL_DST).clearLoadAssignment(),
                        Optional.empty(),
                        Protocol.AUTO)));

        assertAccepted(List.of(), clusters);
    }

    /** Envoy 1.40 dies of a bootstrap whose own clusters ask for secrets over ADS; those of a control plane may. */
    private static Cluster secretsOverTheirOwnStream(Cluster cluster) {
        if (!cluster.getTransportSocket().getTypedConfig().is(UpstreamTlsContext.class)) {
            return cluster;
        }
        UpstreamTlsContext.Builder tls =
                Specs.unpack(cluster.getTransportSocket().getTypedConfig(), UpstreamTlsContext.class).toBuilder();
        CommonTlsContext.Builder common = tls.getCommonTlsContextBuilder();
        common.getTlsCertificateSdsSecretConfigsBuilderList()
                .forEach(secret -> secret.setSdsConfig(StaticBootstrap.ownStream()));
        if (common.hasCombinedValidationContext()) {
            common.getCombinedValidationContextBuilder()
                    .getValidationContextSdsSecretConfigBuilder()
                    .setSdsConfig(StaticBootstrap.ownStream());
        }
        Cluster.Builder changed = cluster.toBuilder();
        changed.getTransportSocketBuilder().setTypedConfig(ProtoValues.any(tls.build()));
        return changed.build();
    }

    @Test
    void acceptsEveryKindOfServerTls() {
        Certificates files = Certificates.in(directory);
        List<String> settings = List.of(
                "mode: SIMPLE\nserverCertificate: CERT\nprivateKey: KEY",
                "mode: SIMPLE\ncredentialName: site",
                "mode: SIMPLE\ncredentialNames: [rsa, ecdsa]\nminProtocolVersion: TLSV1_2\nmaxProtocolVersion: TLSV1_3\ncipherSuites: [ECDHE-ECDSA-AES128-GCM-SHA256]",
                "mode: MUTUAL\ncredentialName: site\nsubjectAltNames: [client.example]",
                "mode: MUTUAL\nserverCertificate: CERT\nprivateKey: KEY\ncaCertificates: CERT\nsubjectAltNames: [client.example]",
                "mode: OPTIONAL_MUTUAL\nserverCertificate: CERT\nprivateKey: KEY\ncaCertificates: CERT",
                "mode: OPTIONAL_MUTUAL\ncredentialName: site\ncaCertCredentialName: clients",
                "mode: ISTIO_MUTUAL");
        List<Listener> listeners = new ArrayList<>();
        for (String yaml : settings) {
            TransportSocket tls = GatewayTls.transportSocket(
                    Specs.serverTls(yaml.replace("CERT", files.certificate().toString())
                            .replace("KEY", files.key().toString())),
                    true);
            listeners.add(listener(
                    listeners.size(), HttpConnectionManagers.overRds(settings(Kind.GATEWAY)), Optional.of(tls)));
        }

        assertAccepted(listeners, List.of());
    }

    @Test
    void acceptsConnectionsThatAreForwardedAsTheyAre() {
        VirtualService service = Specs.virtualService("""
                hosts: [mongo]
                tcp:
                - route:
                  - {destination: {host: mongo, subset: v1}, weight: 30}
                  - {destination: {host: mongo, subset: v2}, weight: 70}
                """);
        TrafficPolicy policy = Specs.trafficPolicy(
                "connectionPool: {tcp: {idleTimeout: 1h}}\nloadBalancer: {consistentHash: {useSourceIp: true}}");
        Filter proxy = TcpFilters.proxy(
                "outbound|27017||mongo",
                service.tcp().getFirst().route(),
                destination -> "outbound|27017|" + destination.subset().orElse("") + "|mongo",
                policy,
                MESH);
        List<Filter> chain = TcpFilters.chain(Protocol.MONGO, proxy);
        Listener listener = Listener.newBuilder()
                .setName("mongo")
                .setAddress(StaticBootstrap.localAddress(10_000))
                .addFilterChains(FilterChain.newBuilder().addAllFilters(chain))
                .build();

        assertThat(chain).hasSize(2);
        assertAccepted(
                List.of(listener),
                List.of(
                        cluster("outbound|27017|v1|mongo", policy("", Protocol.MONGO)),
                        cluster("outbound|27017|v2|mongo", policy("", Protocol.MONGO))));
    }
}
