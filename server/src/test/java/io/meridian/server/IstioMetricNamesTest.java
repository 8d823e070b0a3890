package io.meridian.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.model.position.MeshId;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What Prometheus scrapes, held against the names and types that istiod documents. */
class IstioMetricNamesTest {
    @Test
    void theScrapePageHasTheNamesOfIstiodAndOurs() throws Exception {
        try (Observability observability =
                new Observability(Optional.of(HostPort.parse("test", "127.0.0.1:0")), () -> true)) {
            GatewayMetrics metrics = new GatewayMetrics(observability.registry());
            metrics.connectedStreams(() -> 3);
            metrics.rejecting(() -> Map.of(XdsType.LISTENER, 2));
            metrics.pushed(XdsType.CLUSTER, 20_000);
            metrics.pushed(XdsType.CLUSTER, 100);
            metrics.rejected(XdsType.ROUTE);
            metrics.converged(Duration.ofMillis(80));
            metrics.internalError();
            metrics.compileFailed(new MeshId("bookinfo"));

            List<String> page = scrape(observability.address().orElseThrow());

            assertThat(page)
                    .contains(
                            "# TYPE pilot_xds_pushes counter",
                            "pilot_xds_pushes{type=\"cds\"} 2.0",
                            "# TYPE pilot_total_xds_rejects counter",
                            "pilot_total_xds_rejects{type=\"rds\"} 1.0",
                            "# TYPE pilot_proxy_convergence_time histogram",
                            "pilot_proxy_convergence_time_bucket{le=\"0.05\"} 0",
                            "pilot_proxy_convergence_time_bucket{le=\"0.1\"} 1",
                            "pilot_proxy_convergence_time_bucket{le=\"30.0\"} 1",
                            "pilot_proxy_convergence_time_sum 0.08",
                            "pilot_proxy_convergence_time_count 1",
                            "# TYPE pilot_xds gauge",
                            "pilot_xds 3.0",
                            "# TYPE pilot_xds_lds_reject gauge",
                            "pilot_xds_lds_reject 2.0",
                            "pilot_xds_cds_reject 0.0",
                            "# TYPE pilot_total_xds_internal_errors counter",
                            "pilot_total_xds_internal_errors 2.0",
                            "pilot_xds_write_timeout 0.0",
                            "pilot_xds_config_size_bytes_bucket{type=\"cds\",le=\"10000.0\"} 1",
                            "meridian_gateway_sent_bytes_total 20100.0",
                            "meridian_gateway_compile_failures_total{mesh=\"bookinfo\"} 1.0");
            assertThat(page).noneMatch(line -> line.matches("(# \\w+ )?pilot_\\w+_total[ {].*"));
            assertThat(page).noneMatch(line -> line.contains("pilot_") && line.contains("_seconds"));
        }
    }

    private static List<String> scrape(InetSocketAddress address) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/metrics"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            return response.body().lines().toList();
        }
    }
}
