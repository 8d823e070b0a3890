package io.meridian.compiler.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.istio.TrafficPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster's policy as gRPC clients read it. */
class GrpcClustersTest {
    private static Cluster apply(TrafficPolicy policy, MeshSpec.LoadBalancing meshDefault) {
        Cluster.Builder cluster = GrpcClusters.eds("outbound|80||a");
        GrpcClusters.apply(cluster, policy, meshDefault);
        return cluster.build();
    }

    private static Cluster with(String policy) {
        return apply(Specs.trafficPolicy(policy), MeshSpec.LoadBalancing.ROUND_ROBIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "simple: ROUND_ROBIN; ROUND_ROBIN",
                "simple: RANDOM; ROUND_ROBIN",
                "simple: PASSTHROUGH; ROUND_ROBIN",
                "simple: LEAST_REQUEST; ROUND_ROBIN",
                "consistentHash: {httpHeaderName: x}; RING_HASH",
                "consistentHash: {httpHeaderName: x, maglev: {}}; RING_HASH",
            })
    void policiesThatClientsRefuseAreReplaced(String balancer, LbPolicy policy) {
        Cluster cluster = with("loadBalancer: {" + balancer + "}\n");

        assertThat(cluster.getLbPolicy()).isEqualTo(policy);
        assertThat(cluster.getType()).isEqualTo(Cluster.DiscoveryType.EDS);
        assertThat(cluster.hasLoadBalancingPolicy()).isEqualTo(balancer.contains("LEAST"));
    }

    @Test
    void theFewestRequestsAreForClientsThatCountThem() {
        Cluster cluster = apply(TrafficPolicy.NONE, MeshSpec.LoadBalancing.LEAST_REQUEST);

        var locality = Specs.unpack(
                cluster.getLoadBalancingPolicy()
                        .getPolicies(0)
                        .getTypedExtensionConfig()
                        .getTypedConfig(),
                WrrLocality.class);
        assertThat(locality.getEndpointPickingPolicy().getPoliciesList())
                .extracting(policy ->
                        policy.getTypedExtensionConfig().getTypedConfig().getTypeUrl())
                .containsExactly(
                        "type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest",
                        "type.googleapis.com/envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "http: {http2MaxRequests: 7}; 7",
                "http: {http2MaxRequests: 0}; 2147483647",
                "tcp: {maxConnections: 1}; 2147483647",
            })
    void callsAreLimitedOnlyIfAsked(String pool, int calls) {
        Cluster cluster = with("connectionPool: {" + pool + "}\n");

        assertThat(cluster.getCircuitBreakers().getThresholds(0).getMaxRequests())
                .isEqualTo(UInt32Value.of(calls));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "consecutive5xxErrors: 3; 3",
                "interval: 1s; 5",
                "{consecutive5xxErrors: 4, consecutiveGatewayErrors: 2}; 2",
                "{consecutive5xxErrors: 0, consecutiveGatewayErrors: 2}; 2",
            })
    void endpointsThatFailAllCallsOfAnIntervalAreEjected(String detection, int calls) {
        String fields = detection.startsWith("{") ? detection : "{" + detection + "}";
        OutlierDetection outliers = with("outlierDetection: " + fields + "\n").getOutlierDetection();

        assertThat(outliers.getFailurePercentageRequestVolume().getValue()).isEqualTo(calls);
        assertThat(outliers.getEnforcingFailurePercentage().getValue()).isEqualTo(100);
        assertThat(outliers.getEnforcingSuccessRate()).isEqualTo(UInt32Value.of(0));
        assertThat(outliers.hasEnforcingSuccessRate()).isTrue();
    }

    @Test
    void errorsThatAreNotCountedEjectNobody() {
        OutlierDetection outliers =
                with("outlierDetection: {consecutive5xxErrors: 0}\n").getOutlierDetection();

        assertThat(outliers.hasEnforcingFailurePercentage()).isFalse();
    }

    @Test
    void transportSocketsAreLeftOut() {
        Cluster cluster = with("tls: {mode: ISTIO_MUTUAL}\nproxyProtocol: {version: V2}\n");

        assertThat(cluster.hasTransportSocket()).isFalse();
    }
}
