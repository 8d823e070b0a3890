package io.meridian.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An Envoy's start configuration (envoy.config.bootstrap.v3.Bootstrap, as JSON): who it is, in the form of Istio's, and that it takes all else over
 * ADS. Immutable.
 *
 * <p>The xDS servers are the endpoints of one cluster, each of a priority of its own in the order given. Envoy asks each for its health every second
 * (grpc.health.v1), so that it goes to the next one within about that time of the loss of the one before, and tries again at least every two seconds.
 *
 * @param xdsAddresses HOST:PORT, the preferred first
 * @param metadata as Istio's sidecars send it: CLUSTER_ID, LABELS, ...
 */
public record EnvoyBootstrap(
        String nodeId,
        String nodeCluster,
        Map<String, Object> metadata,
        String region,
        String zone,
        List<String> xdsAddresses,
        int adminPort,
        boolean delta) {
    private static final String XDS_CLUSTER = "meridian-xds";
    private static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    private static final int RE2_MAX_PROGRAM_SIZE = 32768;
    private static final ObjectMapper JSON = new ObjectMapper();

    public EnvoyBootstrap {
        metadata = Map.copyOf(metadata);
        xdsAddresses = List.copyOf(xdsAddresses);
    }

    public String json() {
        Map<String, Object> bootstrap = new LinkedHashMap<>();
        bootstrap.put("node", node());
        bootstrap.put("admin", Map.of("address", address("127.0.0.1", adminPort)));
        bootstrap.put("static_resources", Map.of("clusters", List.of(xdsCluster())));
        bootstrap.put("dynamic_resources", dynamicResources());
        // As Istio's bootstrap does: a stock Envoy refuses regular expressions of more than 100 instructions.
        bootstrap.put(
                "layered_runtime",
                Map.of(
                        "layers",
                        List.of(Map.of(
                                "name",
                                "static",
                                "static_layer",
                                Map.of("re2.max_program_size.error_level", RE2_MAX_PROGRAM_SIZE)))));
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(bootstrap);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Object> node() {
        return Map.of(
                "id", nodeId,
                "cluster", nodeCluster,
                "metadata", metadata,
                "locality", Map.of("region", region, "zone", zone));
    }

    private Map<String, Object> dynamicResources() {
        Map<String, Object> retry = Map.of("retry_back_off", Map.of("base_interval", "0.1s", "max_interval", "2s"));
        Map<String, Object> server = Map.of("envoy_grpc", Map.of("cluster_name", XDS_CLUSTER, "retry_policy", retry));
        Map<String, Object> ads = Map.of(
                "api_type",
                delta ? "DELTA_GRPC" : "GRPC",
                "transport_api_version",
                "V3",
                "set_node_on_first_message_only",
                true,
                "grpc_services",
                List.of(server));
        // As Istio's bootstrap: a proxy is not ready before it has its configuration, however long that takes.
        Map<String, Object> source =
                Map.of("ads", Map.of(), "resource_api_version", "V3", "initial_fetch_timeout", "0s");
        return Map.of("ads_config", ads, "lds_config", source, "cds_config", source);
    }

    private Map<String, Object> xdsCluster() {
        Map<String, Object> cluster = new LinkedHashMap<>();
        cluster.put("name", XDS_CLUSTER);
        cluster.put("type", "STATIC");
        cluster.put("connect_timeout", "1s");
        cluster.put("close_connections_on_host_health_failure", true);
        cluster.put(
                "typed_extension_protocol_options",
                Map.of(
                        HTTP_OPTIONS,
                        Map.of(
                                "@type",
                                "type.googleapis.com/" + HTTP_OPTIONS,
                                "explicit_http_config",
                                Map.of(
                                        "http2_protocol_options",
                                        Map.of("connection_keepalive", Map.of("interval", "10s", "timeout", "3s"))))));
        cluster.put(
                "health_checks",
                List.of(Map.of(
                        "timeout",
                        "1s",
                        "interval",
                        "1s",
                        "no_traffic_interval",
                        "1s",
                        "unhealthy_threshold",
                        1,
                        "healthy_threshold",
                        1,
                        "grpc_health_check",
                        Map.of())));
        cluster.put("load_assignment", Map.of("cluster_name", XDS_CLUSTER, "endpoints", priorities()));
        return cluster;
    }

    private List<Object> priorities() {
        List<Object> priorities = new ArrayList<>();
        for (String xds : xdsAddresses) {
            int colon = xds.lastIndexOf(':');
            Object address = address(xds.substring(0, colon), Integer.parseInt(xds.substring(colon + 1)));
            priorities.add(Map.of(
                    "priority",
                    priorities.size(),
                    "lb_endpoints",
                    List.of(Map.of("endpoint", Map.of("address", address)))));
        }
        return priorities;
    }

    private static Map<String, Object> address(String host, int port) {
        return Map.of("socket_address", Map.of("address", host, "port_value", port));
    }
}
