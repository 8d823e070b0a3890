package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Compiled;
import io.meridian.compiler.fixture.Json;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.TestMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against what an istiod served for the same input, where MERIDIAN_ISTIO_REFERENCE names a folder with it: {@code input/*.yaml}, and {@code
 * gateway}, {@code sidecar} and {@code sidecar-interception-none} with one JSON file a resource.
 *
 * <p>Passed over: tags of traces that name the proxy, and the cluster of a workload.
 */
class ReferenceTest {
    @ParameterizedTest
    @CsvSource({"gateway", "sidecar", "sidecar-interception-none"})
    void resourcesAreThoseOfIstio(String folder) throws IOException {
        String told = System.getenv("MERIDIAN_ISTIO_REFERENCE");
        Assumptions.assumeTrue(told != null, "MERIDIAN_ISTIO_REFERENCE does not name a folder with Istio's answers");
        Path reference = Path.of(told);
        TestMesh mesh = TestMesh.mesh("reference")
                .withSpec(spec -> spec.toBuilder()
                        .setDefaultLoadBalancing(MeshSpec.LoadBalancing.LEAST_REQUEST)
                        .build());
        try (Stream<Path> inputs = Files.list(reference.resolve("input"))) {
            for (Path input : inputs.sorted().toList()) {
                String yaml = Files.readString(input);
                if (!yaml.contains("PeerAuthentication")) {
                    mesh.apply(yaml);
                }
            }
        }

        Map<String, Message> ours = new TreeMap<>();
        mesh.compiled()
                .view(proxy(folder))
                .resources()
                .forEach((type, resources) -> resources.forEach((name, resource) ->
                        ours.put(type.shortName() + " " + name, comparable(Compiled.parse(resource)))));
        Map<String, Message> theirs = new TreeMap<>();
        try (Stream<Path> files = Files.list(reference.resolve(folder))) {
            for (Path file : files.toList()) {
                Message message = parse(file);
                theirs.put(file.getFileName().toString().substring(0, 3) + " " + name(message), comparable(message));
            }
        }

        assertThat(ours.keySet()).isEqualTo(theirs.keySet());
        theirs.forEach((name, message) -> assertThat(Json.print(Objects.requireNonNull(ours.get(name))))
                .as(name)
                .isEqualTo(Json.print(message)));
    }

    private static Proxy proxy(String folder) {
        return switch (folder) {
            case "gateway" -> Proxies.gateway("gateway", Map.of("istio", "ingressgateway"));
            case "sidecar" ->
                Proxies.sidecar("", "default", "nobody", "127.0.9.9", Map.of(), InterceptionMode.REDIRECT);
            default -> Proxies.sidecar("", "default", "nobody", "127.0.9.9", Map.of(), InterceptionMode.NONE);
        };
    }

    private static Message parse(Path file) throws IOException {
        Message.Builder builder = switch (file.getFileName().toString().substring(0, 3)) {
            case "CDS" -> Cluster.newBuilder();
            case "EDS" -> ClusterLoadAssignment.newBuilder();
            case "LDS" -> Listener.newBuilder();
            default -> RouteConfiguration.newBuilder();
        };
        Json.parse(Files.readString(file), builder);
        return builder.build();
    }

    private static String name(Message message) {
        return switch (message) {
            case Cluster cluster -> cluster.getName();
            case ClusterLoadAssignment assignment -> assignment.getClusterName();
            case Listener listener -> listener.getName();
            case RouteConfiguration routes -> routes.getName();
            default -> throw new AssertionError(message);
        };
    }

    private static Message comparable(Message message) {
        return switch (message) {
            case ClusterLoadAssignment assignment -> {
                ClusterLoadAssignment.Builder builder = assignment.toBuilder();
                builder.getEndpointsBuilderList()
                        .forEach(locality ->
                                locality.getLbEndpointsBuilderList().forEach(endpoint -> endpoint.clearMetadata()));
                yield builder.build();
            }
            case Listener listener -> {
                Listener.Builder builder = listener.toBuilder();
                builder.getFilterChainsBuilderList().forEach(ReferenceTest::withoutTags);
                yield builder.build();
            }
            default -> message;
        };
    }

    private static void withoutTags(FilterChain.Builder chain) {
        for (Filter.Builder filter : chain.getFiltersBuilderList()) {
            if (filter.getTypedConfig().is(HttpConnectionManager.class)) {
                try {
                    HttpConnectionManager.Builder manager =
                            filter.getTypedConfig().unpack(HttpConnectionManager.class).toBuilder();
                    manager.getTracingBuilder().clearCustomTags();
                    filter.setTypedConfig(Any.pack(manager.build()));
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
