package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.Envoy;
import io.meridian.gateway.fixture.ScriptedAds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real Envoy says of itself when it comes back in the state of the world: why a gateway tells it endpoints and routes again, whatever
 * version it names.
 */
class ReturningEnvoyIT {
    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void oneThatDroppedEndpointsAndWantsThemAgainAsksLikeOneThatHoldsThem() throws Exception {
        ScriptedAds ads = ads();
        Envoy envoy = envoyThatHoldsEndpoints(ads);
        ads.breakOff();
        DiscoveryRequest ofOneThatHoldsThem = await(ads, envoy, XdsType.ENDPOINT, request -> true);

        // One of the clusters goes, and its endpoints with it; it comes back, and the stream ends before its endpoints
        // are sent.
        await(ads, envoy, XdsType.CLUSTER, request -> true);
        ads.send(XdsType.CLUSTER, "c-2", cluster("a", 1));
        await(ads, envoy, XdsType.ENDPOINT, request -> names(request).equals("a"));
        ads.send(XdsType.CLUSTER, "c-3", cluster("a", 1), cluster("x", 1));
        await(ads, envoy, XdsType.ENDPOINT, request -> names(request).equals("a x"));
        ads.breakOff();
        DiscoveryRequest ofOneThatDoesNot = await(ads, envoy, XdsType.ENDPOINT, request -> true);

        assertAlike(ofOneThatDoesNot, ofOneThatHoldsThem);
        assertWaitsForEndpoints(ads, envoy, "c-3");
    }

    @Test
    void oneThatWarmsAChangedClusterAsksLikeOneThatHoldsItsEndpoints() throws Exception {
        ScriptedAds ads = ads();
        Envoy envoy = envoyThatHoldsEndpoints(ads);
        ads.breakOff();
        DiscoveryRequest ofOneThatHoldsThem = await(ads, envoy, XdsType.ENDPOINT, request -> true);

        // A cluster changes, and the stream ends before the endpoints that it warms on are sent again.
        await(ads, envoy, XdsType.CLUSTER, request -> true);
        ads.send(XdsType.CLUSTER, "c-2", cluster("a", 1), cluster("x", 2));
        // The new one asks for them beside the old one, which makes no difference to be seen.
        Await.until(() -> requests(ads, XdsType.ENDPOINT) == 2, () -> ads.asked() + "\n" + envoy.log());
        ads.breakOff();
        DiscoveryRequest ofOneThatWarms = await(ads, envoy, XdsType.ENDPOINT, request -> true);

        assertAlike(ofOneThatWarms, ofOneThatHoldsThem);
        assertWaitsForEndpoints(ads, envoy, "c-2");
    }

    private static void assertAlike(DiscoveryRequest one, DiscoveryRequest other) {
        for (DiscoveryRequest each : List.of(one, other)) {
            assertThat(names(each)).isEqualTo("a x");
            assertThat(each.getVersionInfo()).isEqualTo("e-1");
            assertThat(each.getResponseNonce()).isEmpty();
        }
    }

    /** It lacks them, for it speaks of clusters again only once it has them, or has given up after 15 s. */
    private static void assertWaitsForEndpoints(ScriptedAds ads, Envoy envoy, String clusters) {
        await(ads, envoy, XdsType.LISTENER, request -> true);
        assertThat(ads.asked(XdsType.CLUSTER)).as("%s", ads.asked()).isEmpty();
        ads.send(XdsType.ENDPOINT, "e-2", endpoints("x"));
        await(ads, envoy, XdsType.CLUSTER, request -> request.getVersionInfo().equals(clusters));
    }

    private ScriptedAds ads() throws IOException {
        ScriptedAds ads = new ScriptedAds();
        open.add(ads);
        return ads;
    }

    /** Of clusters a and x, in version e-1. */
    private Envoy envoyThatHoldsEndpoints(ScriptedAds ads) throws IOException {
        Optional<Path> binary = Envoy.binary();
        assumeTrue(binary.isPresent(), "no Envoy: set MERIDIAN_ENVOY to its binary, or put envoy on the PATH");
        Envoy envoy = new Envoy(
                binary.get(),
                directory.resolve("envoy"),
                ads.address(),
                "sidecar~127.0.0.1~client.default~default.svc.cluster.local",
                "GRPC");
        open.add(envoy);
        await(ads, envoy, XdsType.CLUSTER, request -> true);
        ads.send(XdsType.CLUSTER, "c-1", cluster("a", 1), cluster("x", 1));
        await(ads, envoy, XdsType.ENDPOINT, request -> names(request).equals("a x"));
        ads.send(XdsType.ENDPOINT, "e-1", endpoints("a"), endpoints("x"));
        await(ads, envoy, XdsType.ENDPOINT, request -> request.getVersionInfo().equals("e-1"));
        await(ads, envoy, XdsType.CLUSTER, request -> request.getVersionInfo().equals("c-1"));
        return envoy;
    }

    private static DiscoveryRequest await(
            ScriptedAds ads, Envoy envoy, XdsType type, Predicate<DiscoveryRequest> condition) {
        Await.until(
                () -> ads.asked(type).filter(condition).isPresent(),
                () -> type + " " + ads.asked() + "\n" + envoy.log());
        return ads.asked(type).orElseThrow();
    }

    private static long requests(ScriptedAds ads, XdsType type) {
        return ads.asked().stream()
                .filter(request -> request.getTypeUrl().equals(type.typeUrl()))
                .count();
    }

    private static String names(DiscoveryRequest request) {
        return String.join(" ", new TreeSet<>(request.getResourceNamesList()));
    }

    private static Cluster cluster(String name, int timeoutSeconds) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setConnectTimeout(Duration.newBuilder().setSeconds(timeoutSeconds))
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder()
                        .setEdsConfig(ConfigSource.newBuilder()
                                .setAds(AggregatedConfigSource.getDefaultInstance())
                                .setResourceApiVersion(ApiVersion.V3)))
                .build();
    }

    private static ClusterLoadAssignment endpoints(String cluster) {
        Endpoint.Builder endpoint = Endpoint.newBuilder();
        endpoint.getAddressBuilder()
                .getSocketAddressBuilder()
                .setAddress("127.0.0.1")
                .setPortValue(9);
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(cluster)
                .addEndpoints(LocalityLbEndpoints.newBuilder()
                        .addLbEndpoints(LbEndpoint.newBuilder().setEndpoint(endpoint)))
                .build();
    }
}
