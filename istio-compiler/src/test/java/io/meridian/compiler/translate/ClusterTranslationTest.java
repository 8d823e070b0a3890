package io.meridian.compiler.translate;

import static io.meridian.compiler.translate.Specs.trafficPolicy;
import static io.meridian.compiler.translate.Specs.unpack;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.meridian.api.type.v1.MeshSpec.LoadBalancing;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.LoadBalancerSettings.Simple;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.TrafficPolicy;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterTranslationTest {
    private static final String SNI = "outbound_.9080_._.reviews.default.svc.cluster.local";
    private static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    private static Cluster cluster(TrafficPolicy policy) {
        return cluster(policy, Protocol.HTTP);
    }

    private static Cluster cluster(TrafficPolicy policy, Protocol protocol) {
        Cluster.Builder cluster = Cluster.newBuilder().setType(DiscoveryType.EDS);
        ClusterTranslation.apply(
                cluster, policy, new ClusterTranslation.Context(LoadBalancing.ROUND_ROBIN, protocol, SNI, false));
        return cluster.build();
    }

    private static Cluster cluster(String policy) {
        return cluster(trafficPolicy(policy));
    }

    private static HttpProtocolOptions http(Cluster cluster) {
        return unpack(cluster.getTypedExtensionProtocolOptionsOrThrow(HTTP_OPTIONS), HttpProtocolOptions.class);
    }

    private static UpstreamTlsContext tls(Cluster cluster) {
        assertThat(cluster.getTransportSocket().getName()).isEqualTo("envoy.transport_sockets.tls");
        return unpack(cluster.getTransportSocket().getTypedConfig(), UpstreamTlsContext.class);
    }

    @Test
    void withoutPolicyAClusterIsWhatIstiodWrites() {
        Cluster cluster = cluster(TrafficPolicy.NONE);

        assertThat(cluster.getConnectTimeout().getSeconds()).isEqualTo(10);
        assertThat(cluster.getLbPolicy()).isEqualTo(LbPolicy.ROUND_ROBIN);
        assertThat(cluster.getCircuitBreakers().getThresholds(0)).satisfies(limits -> {
            assertThat(limits.getMaxConnections().getValue()).isEqualTo(-1);
            assertThat(limits.getMaxPendingRequests().getValue()).isEqualTo(-1);
            assertThat(limits.getMaxRequests().getValue()).isEqualTo(-1);
            assertThat(limits.getMaxRetries().getValue()).isEqualTo(-1);
        });
        assertThat(cluster.getCommonLbConfig().hasHealthyPanicThreshold()).isTrue();
        assertThat(cluster.getTypedExtensionProtocolOptionsMap()).isEmpty();
        assertThat(cluster.hasTransportSocket()).isFalse();
        assertThat(cluster.hasOutlierDetection()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "'loadBalancer: {simple: ROUND_ROBIN}', ROUND_ROBIN",
        "'loadBalancer: {simple: LEAST_REQUEST}', LEAST_REQUEST",
        "'loadBalancer: {simple: LEAST_CONN}', LEAST_REQUEST",
        "'loadBalancer: {simple: RANDOM}', RANDOM",
        "'loadBalancer: {simple: PASSTHROUGH}', CLUSTER_PROVIDED",
        "'loadBalancer: {simple: UNSPECIFIED}', ROUND_ROBIN",
        "'loadBalancer: {consistentHash: {useSourceIp: true}}', RING_HASH",
        "'loadBalancer: {consistentHash: {httpHeaderName: x, maglev: {tableSize: 7}}}', MAGLEV"
    })
    void loadBalancersHaveTheirPolicies(String policy, LbPolicy expected) {
        assertThat(cluster(policy).getLbPolicy()).isEqualTo(expected);
    }

    @Test
    void passthroughGoesToTheAddressThatTheClientAskedFor() {
        assertThat(cluster("loadBalancer: {simple: PASSTHROUGH}").getType()).isEqualTo(DiscoveryType.ORIGINAL_DST);
    }

    @Test
    void hashTablesHaveSizes() {
        assertThat(cluster("loadBalancer: {consistentHash: {httpHeaderName: x, ringHash: {minimumRingSize: 99}}}")
                        .getRingHashLbConfig()
                        .getMinimumRingSize()
                        .getValue())
                .isEqualTo(99);
        assertThat(cluster("loadBalancer: {consistentHash: {useSourceIp: true}}")
                        .getRingHashLbConfig()
                        .getMinimumRingSize()
                        .getValue())
                .isEqualTo(1024);
        assertThat(cluster("loadBalancer: {consistentHash: {httpHeaderName: x, maglev: {tableSize: 7}}}")
                        .getMaglevLbConfig()
                        .getTableSize()
                        .getValue())
                .isEqualTo(7);
    }

    @Test
    void newEndpointsWarmUp() {
        Cluster.SlowStartConfig start = cluster("loadBalancer: {simple: LEAST_REQUEST, warmup: {duration: 60s}}")
                .getLeastRequestLbConfig()
                .getSlowStartConfig();

        assertThat(start.getSlowStartWindow().getSeconds()).isEqualTo(60);
        assertThat(start.getMinWeightPercent().getValue()).isEqualTo(10);
        assertThat(start.getAggression().getDefaultValue()).isEqualTo(1);
        assertThat(cluster("loadBalancer: {warmupDurationSecs: 5s}")
                        .getRoundRobinLbConfig()
                        .getSlowStartConfig()
                        .getSlowStartWindow()
                        .getSeconds())
                .isEqualTo(5);
    }

    @Test
    void localitiesAreWeighedWhereTheyMatter() {
        String distribute =
                "loadBalancer: {localityLbSetting: {distribute: [{from: a/*, to: {'a/*': 80, 'b/*': 20}}]}}";
        String failover = "loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}";

        assertThat(cluster(distribute).getCommonLbConfig().hasLocalityWeightedLbConfig())
                .isTrue();
        assertThat(cluster(failover).getCommonLbConfig().hasLocalityWeightedLbConfig())
                .isFalse();
        assertThat(cluster(failover + "\noutlierDetection: {consecutive5xxErrors: 3}")
                        .getCommonLbConfig()
                        .hasLocalityWeightedLbConfig())
                .isTrue();
    }

    @Test
    void connectionPoolsLimit() {
        Cluster cluster = cluster("""
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
                """);

        assertThat(cluster.getConnectTimeout())
                .isEqualTo(Duration.newBuilder().setNanos(30_000_000).build());
        assertThat(cluster.getCircuitBreakers().getThresholds(0)).satisfies(limits -> {
            assertThat(limits.getMaxConnections().getValue()).isEqualTo(10);
            assertThat(limits.getMaxPendingRequests().getValue()).isEqualTo(20);
            assertThat(limits.getMaxRequests().getValue()).isEqualTo(30);
            assertThat(limits.getMaxRetries().getValue()).isEqualTo(4);
        });
        assertThat(cluster.getUpstreamConnectionOptions().getTcpKeepalive()).satisfies(keepalive -> {
            assertThat(keepalive.getKeepaliveProbes().getValue()).isEqualTo(3);
            assertThat(keepalive.getKeepaliveTime().getValue()).isEqualTo(7200);
            assertThat(keepalive.getKeepaliveInterval().getValue()).isEqualTo(75);
        });
        assertThat(http(cluster).getCommonHttpProtocolOptions()).satisfies(common -> {
            assertThat(common.getMaxRequestsPerConnection().getValue()).isEqualTo(1);
            assertThat(common.getIdleTimeout().getSeconds()).isEqualTo(5);
            assertThat(common.getMaxConnectionDuration().getSeconds()).isEqualTo(3600);
        });
        assertThat(http(cluster).getExplicitHttpConfig().hasHttpProtocolOptions())
                .isTrue();
    }

    @Test
    void retryBudgetsReplaceTheLimitOfRetries() {
        assertThat(cluster("retryBudget: {percent: 30}")
                        .getCircuitBreakers()
                        .getThresholds(0)
                        .getRetryBudget())
                .satisfies(budget ->
                        assertThat(budget.getBudgetPercent().getValue()).isEqualTo(30))
                .satisfies(budget ->
                        assertThat(budget.getMinRetryConcurrency().getValue()).isEqualTo(3));
    }

    @Test
    void protocolsAreSpokenAsThePortSays() {
        assertThat(http(cluster(TrafficPolicy.NONE, Protocol.GRPC))
                        .getExplicitHttpConfig()
                        .hasHttp2ProtocolOptions())
                .isTrue();
        assertThat(http(cluster(TrafficPolicy.NONE, Protocol.AUTO)).hasUseDownstreamProtocolConfig())
                .isTrue();
    }

    @Test
    void anUpgradeSpeaksHttp2AndItsLimitsHold() {
        HttpProtocolOptions options = http(cluster("""
                connectionPool:
                  http: {h2UpgradePolicy: UPGRADE, maxConcurrentStreams: 100, http2KeepAlive: {interval: 10s, timeout: 2s}}
                """));

        assertThat(options.getExplicitHttpConfig().getHttp2ProtocolOptions()).satisfies(http2 -> {
            assertThat(http2.getMaxConcurrentStreams().getValue()).isEqualTo(100);
            assertThat(http2.getConnectionKeepalive().getInterval().getSeconds())
                    .isEqualTo(10);
            assertThat(http2.getConnectionKeepalive().getTimeout().getSeconds()).isEqualTo(2);
        });
        assertThat(http(cluster(trafficPolicy("connectionPool: {http: {useClientProtocol: true}}"), Protocol.GRPC))
                        .hasUseDownstreamProtocolConfig())
                .isTrue();
    }

    @Test
    void outliersAreEjected() {
        Cluster cluster = cluster("""
                outlierDetection:
                  consecutive5xxErrors: 7
                  consecutiveGatewayErrors: 0
                  interval: 1s
                  baseEjectionTime: 2m
                  maxEjectionPercent: 50
                  minHealthPercent: 40
                  splitExternalLocalOriginErrors: true
                  consecutiveLocalOriginFailures: 3
                """);

        OutlierDetection detection = cluster.getOutlierDetection();
        assertThat(detection.getConsecutive5Xx().getValue()).isEqualTo(7);
        assertThat(detection.getEnforcingConsecutive5Xx().getValue()).isEqualTo(100);
        assertThat(detection.getConsecutiveGatewayFailure().getValue()).isZero();
        assertThat(detection.getEnforcingConsecutiveGatewayFailure().getValue()).isZero();
        assertThat(detection.getInterval().getSeconds()).isEqualTo(1);
        assertThat(detection.getBaseEjectionTime().getSeconds()).isEqualTo(120);
        assertThat(detection.getMaxEjectionPercent().getValue()).isEqualTo(50);
        assertThat(detection.hasEnforcingSuccessRate()).isTrue();
        assertThat(detection.getEnforcingSuccessRate().getValue()).isZero();
        assertThat(detection.getSplitExternalLocalOriginErrors()).isTrue();
        assertThat(detection.getConsecutiveLocalOriginFailure().getValue()).isEqualTo(3);
        assertThat(cluster.getCommonLbConfig().getHealthyPanicThreshold().getValue())
                .isEqualTo(40);
    }

    @Test
    void whatOutlierDetectionDoesNotSayIsEnvoys() {
        OutlierDetection detection = cluster("outlierDetection: {interval: 5s}").getOutlierDetection();

        assertThat(detection.hasConsecutive5Xx()).isFalse();
        assertThat(detection.hasConsecutiveGatewayFailure()).isFalse();
        assertThat(detection.hasMaxEjectionPercent()).isFalse();
    }

    @Test
    void simpleTlsChecksTheServerByItsName() {
        Cluster cluster = cluster("tls: {mode: SIMPLE}");

        assertThat(tls(cluster).getSni()).isEmpty();
        CommonTlsContext common = tls(cluster).getCommonTlsContext();
        assertThat(common.getValidationContext().getTrustedCa().getFilename()).isNotEmpty();
        assertThat(http(cluster).getUpstreamHttpProtocolOptions().getAutoSni()).isTrue();
        assertThat(http(cluster).getUpstreamHttpProtocolOptions().getAutoSanValidation())
                .isTrue();
    }

    @Test
    void tlsWithNamesOfItsOwn() {
        Cluster cluster = cluster(
                "tls: {mode: SIMPLE, sni: a.example, subjectAltNames: [b.example], caCertificates: /etc/ca.pem}");

        assertThat(tls(cluster).getSni()).isEqualTo("a.example");
        assertThat(tls(cluster).getCommonTlsContext().getValidationContext()).satisfies(validation -> {
            assertThat(validation.getTrustedCa().getFilename()).isEqualTo("/etc/ca.pem");
            assertThat(validation.getMatchTypedSubjectAltNamesList())
                    .allMatch(san -> san.getMatcher().getExact().equals("b.example"));
        });
        assertThat(cluster.getTypedExtensionProtocolOptionsMap()).isEmpty();
    }

    @Test
    void tlsMayBeUnchecked() {
        Cluster cluster = cluster("tls: {mode: SIMPLE, insecureSkipVerify: true}");

        assertThat(tls(cluster).getCommonTlsContext().hasValidationContext()).isFalse();
        assertThat(http(cluster).getUpstreamHttpProtocolOptions().getAutoSanValidation())
                .isFalse();
    }

    @Test
    void mutualTlsHasItsCertificateInFilesOrByName() {
        CommonTlsContext files = tls(cluster(
                        "tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem}"))
                .getCommonTlsContext();
        CommonTlsContext credential =
                tls(cluster("tls: {mode: MUTUAL, credentialName: client}")).getCommonTlsContext();

        assertThat(files.getTlsCertificates(0).getCertificateChain().getFilename())
                .isEqualTo("/c.pem");
        assertThat(files.getTlsCertificates(0).getPrivateKey().getFilename()).isEqualTo("/k.pem");
        assertThat(credential.getTlsCertificateSdsSecretConfigs(0).getName()).isEqualTo("kubernetes://client");
        assertThat(credential
                        .getCombinedValidationContext()
                        .getValidationContextSdsSecretConfig()
                        .getName())
                .isEqualTo("kubernetes://client-cacert");
    }

    @Test
    void istioMutualUsesTheMeshsCertificates() {
        UpstreamTlsContext tls = tls(cluster("tls: {mode: ISTIO_MUTUAL}"));

        assertThat(tls.getSni()).isEqualTo(SNI);
        assertThat(tls.getCommonTlsContext().getAlpnProtocolsList()).containsExactly("istio");
        assertThat(tls.getCommonTlsContext()
                        .getTlsCertificateSdsSecretConfigs(0)
                        .getName())
                .isEqualTo("default");
        assertThat(tls.getCommonTlsContext()
                        .getCombinedValidationContext()
                        .getValidationContextSdsSecretConfig()
                        .getName())
                .isEqualTo("ROOTCA");
    }

    @Test
    void proxyProtocolGoesAroundTheSocket() {
        Cluster cluster = cluster("tls: {mode: SIMPLE}\nproxyProtocol: {version: V2}");

        ProxyProtocolUpstreamTransport outer =
                unpack(cluster.getTransportSocket().getTypedConfig(), ProxyProtocolUpstreamTransport.class);
        assertThat(outer.getTransportSocket().getName()).isEqualTo("envoy.transport_sockets.tls");
    }

    @Test
    void anyAddressClustersKeepTheirPolicy() {
        Cluster.Builder cluster = Cluster.newBuilder().setType(DiscoveryType.ORIGINAL_DST);
        ClusterTranslation.apply(
                cluster,
                trafficPolicy("loadBalancer: {consistentHash: {useSourceIp: true}}"),
                new ClusterTranslation.Context(LoadBalancing.LEAST_REQUEST, Protocol.TCP, SNI, false));

        assertThat(cluster.getLbPolicy()).isEqualTo(LbPolicy.CLUSTER_PROVIDED);
        assertThat(cluster.hasRingHashLbConfig()).isFalse();
    }

    @Test
    void aSubsetInheritsPartByPartAndAPortReplaces() {
        DestinationRule rule = Specs.destinationRule("""
                host: reviews
                trafficPolicy:
                  loadBalancer: {simple: RANDOM}
                  outlierDetection: {consecutive5xxErrors: 1}
                  portLevelSettings:
                  - port: {number: 81}
                    loadBalancer: {simple: LEAST_REQUEST}
                subsets:
                - name: v1
                  trafficPolicy:
                    connectionPool: {tcp: {maxConnections: 1}}
                - name: v2
                  trafficPolicy:
                    loadBalancer: {simple: ROUND_ROBIN}
                    portLevelSettings:
                    - port: {number: 80}
                      connectionPool: {tcp: {maxConnections: 2}}
                """);

        assertThat(effective(rule, "v1", 80)).satisfies(policy -> {
            assertThat(policy.loadBalancer().orElseThrow().algorithm()).contains(Simple.RANDOM);
            assertThat(policy.outlierDetection()).isPresent();
            assertThat(policy.connectionPool()).isPresent();
        });
        assertThat(effective(rule, "v1", 81)).satisfies(policy -> {
            assertThat(policy.loadBalancer().orElseThrow().algorithm()).contains(Simple.LEAST_REQUEST);
            assertThat(policy.outlierDetection())
                    .as("a port's settings do not inherit")
                    .isEmpty();
            assertThat(policy.connectionPool()).isPresent();
        });
        assertThat(effective(rule, "v2", 80)).satisfies(policy -> {
            assertThat(policy.loadBalancer()).isEmpty();
            assertThat(policy.outlierDetection()).isEmpty();
            assertThat(policy.connectionPool()).isPresent();
        });
        assertThat(effective(rule, "v2", 81).loadBalancer().orElseThrow().algorithm())
                .contains(Simple.ROUND_ROBIN);
    }

    private static TrafficPolicy effective(DestinationRule rule, String subset, int port) {
        return ClusterTranslation.effective(
                rule.trafficPolicy(),
                Optional.of(subset).flatMap(rule::subset).flatMap(DestinationRule.Subset::trafficPolicy),
                port);
    }
}
