package io.meridian.compiler.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.LoadBalancerSettings.LocalityLoadBalancing;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A proxy in a/1/x, and a service with endpoints in a/1/x, a/1/y, a/2/x, b/1/x and (two of them) c/1/x. */
class LocalityPrioritiesTest {
    private static final Locality PROXY = locality("a", "1", "x");

    private static Locality locality(String region, String zone, String subZone) {
        return Locality.newBuilder()
                .setRegion(region)
                .setZone(zone)
                .setSubZone(subZone)
                .build();
    }

    private static LocalityLbEndpoints.Builder endpoints(Locality locality, int count) {
        LocalityLbEndpoints.Builder endpoints = LocalityLbEndpoints.newBuilder().setLocality(locality);
        for (int i = 0; i < count; i++) {
            endpoints.addLbEndpointsBuilder();
        }
        return endpoints;
    }

    private static List<LocalityLbEndpoints> applied(
            Optional<LocalityLoadBalancing> setting, boolean outlierDetection) {
        ClusterLoadAssignment.Builder assignment = ClusterLoadAssignment.newBuilder()
                .addEndpoints(endpoints(locality("a", "1", "x"), 1))
                .addEndpoints(endpoints(locality("a", "1", "y"), 1))
                .addEndpoints(endpoints(locality("a", "2", "x"), 1))
                .addEndpoints(endpoints(locality("b", "1", "x"), 1))
                .addEndpoints(endpoints(locality("c", "1", "x"), 2));
        LocalityPriorities.apply(assignment, PROXY, setting, outlierDetection);
        return assignment.getEndpointsList();
    }

    private static Optional<LocalityLoadBalancing> setting(String yaml) {
        return Specs.trafficPolicy("loadBalancer: {localityLbSetting: " + yaml + "}")
                .loadBalancer()
                .flatMap(LoadBalancerSettings::locality);
    }

    @Test
    void nearerEndpointsComeFirst() {
        assertThat(applied(Optional.empty(), true))
                .extracting(LocalityLbEndpoints::getPriority)
                .containsExactly(0, 1, 2, 3, 3);
    }

    @Test
    void withoutOutlierDetectionNothingFailsOver() {
        assertThat(applied(setting("{failover: [{from: a, to: c}]}"), false))
                .extracting(LocalityLbEndpoints::getPriority)
                .containsOnly(0);
    }

    @Test
    void aRegionFailsOverToTheOneThatIsNamed() {
        assertThat(applied(setting("{failover: [{from: a, to: c}]}"), true))
                .extracting(LocalityLbEndpoints::getPriority)
                .containsExactly(0, 1, 2, 4, 3);
        assertThat(applied(setting("{failover: [{from: b, to: c}]}"), true))
                .extracting(LocalityLbEndpoints::getPriority)
                .containsExactly(0, 1, 2, 3, 3);
    }

    @Test
    void itCanBeSwitchedOff() {
        assertThat(applied(setting("{enabled: false}"), true))
                .extracting(LocalityLbEndpoints::getPriority)
                .containsOnly(0);
    }

    @Test
    void sharesAreDividedByTheWeightsOfEndpoints() {
        List<LocalityLbEndpoints> endpoints =
                applied(setting("{distribute: [{from: a/1/*, to: {a/1/*: 50, c/*: 30, a/2/x: 20}}]}"), false);

        assertThat(endpoints)
                .extracting(locality -> locality.getLoadBalancingWeight().getValue())
                .containsExactly(25, 25, 20, 0, 30);
        assertThat(endpoints.get(3).getLbEndpointsList())
                .as("a locality that no share names gets nothing")
                .isEmpty();
        assertThat(applied(setting("{distribute: [{from: b/*, to: {b/*: 100}}]}"), false))
                .as("the rule is for proxies elsewhere")
                .allMatch(locality -> !locality.hasLoadBalancingWeight());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    zone=1, version=v1 | 0
                    zone=1, version=v2 | 1
                    zone=2, version=v1 | 2
                    version=v1         | 2
                    """)
    void endpointsWithTheProxysLabelsComeFirst(String endpoint, int level) {
        assertThat(FailoverPriority.level(
                        List.of("zone", "version"), Map.of("zone", "1", "version", "v1"), labels(endpoint)))
                .isEqualTo(level);
    }

    @Test
    void aLabelMayHaveAValueOfItsOwn() {
        List<String> order = List.of("version=v2");

        assertThat(FailoverPriority.level(order, Map.of("version", "v1"), Map.of("version", "v2")))
                .isZero();
        assertThat(FailoverPriority.level(order, Map.of("version", "v1"), Map.of("version", "v1")))
                .isOne();
    }

    private static Map<String, String> labels(String text) {
        return Arrays.stream(text.split(", ", -1))
                .map(label -> label.split("=", 2))
                .collect(Collectors.toMap(label -> label[0], label -> label[1]));
    }
}
