package io.meridian.gateway.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is put in by hand comes out at the wire, of every type, by method and by command line. */
final class ConformanceAdapterTest {
    private static Cluster cluster(String name, int seconds) {
        return Cluster.newBuilder()
                .setName(name)
                .setConnectTimeout(Duration.newBuilder().setSeconds(seconds))
                .build();
    }

    @Test
    void rawResourcesOfEveryTypeReachAClient() throws Exception {
        try (ConformanceAdapter adapter = new ConformanceAdapter(0)) {
            adapter.put(cluster("a", 1));
            adapter.put(ClusterLoadAssignment.newBuilder().setClusterName("a").build());
            try (DeltaProxy client = new DeltaProxy(adapter.address(), DeltaProxy.node("raw", "")).connect()) {
                client.send(DeltaDiscoveryRequest.newBuilder()
                        .setTypeUrl(XdsType.SECRET.typeUrl())
                        .addResourceNamesSubscribe("key"));
                Await.until(() -> client.held(XdsType.ENDPOINT).containsKey("a"), client::toString);
                String before = client.held(XdsType.CLUSTER).getOrDefault("a", "");

                adapter.put(cluster("a", 2));
                adapter.put(cluster("b", 1));
                adapter.put(Secret.newBuilder().setName("key").build());

                Await.until(
                        () -> client.held(XdsType.CLUSTER)
                                        .keySet()
                                        .equals(Map.of("a", 1, "b", 1).keySet())
                                && !before.equals(client.held(XdsType.CLUSTER).get("a"))
                                && client.held(XdsType.SECRET).containsKey("key"),
                        client::toString);
                adapter.remove(XdsType.CLUSTER, "a");
                Await.until(
                        () -> client.held(XdsType.CLUSTER)
                                .keySet()
                                .equals(Map.of("b", 1).keySet()),
                        client::toString);
                adapter.clear();
                Await.until(() -> client.held(XdsType.CLUSTER).isEmpty(), client::toString);
            }
        }
    }

    @Test
    void aProgramOfItsOwnTakesCommandsByLine() throws Exception {
        Process process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ConformanceAdapter.class.getName()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.startsWith("xds=")) {
                line = out.readLine();
            }
            assertThat(line).startsWith("xds=127.0.0.1:");
            assertThat(say(process, out, """
                    {"put": {"@type": "%s", "name": "c", "connect_timeout": "3s"}}""".formatted(XdsType.CLUSTER.typeUrl())))
                    .isEqualTo("ok");
            assertThat(say(process, out, """
                    {"remove": {"type": "%s", "name": "c"}}""".formatted(XdsType.CLUSTER.typeUrl())))
                    .isEqualTo("ok");
            assertThat(say(process, out, "{\"clear\": {}}")).isEqualTo("ok");
            assertThat(say(process, out, "{\"fly\": {}}")).startsWith("error: ");
            assertThat(say(process, out, "no JSON")).startsWith("error: ");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String say(Process process, BufferedReader out, String command) throws Exception {
        process.outputWriter(StandardCharsets.UTF_8)
                .append(command)
                .append('\n')
                .flush();
        return out.readLine();
    }
}
