package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportedProxiesTest {
    private final ReportedProxies proxies = new ReportedProxies();

    @Test
    void aReportReplacesTheLastOneOfItsProxyAndAFullOneAll() {
        proxies.report(report("g1", false, "a", "b"));
        proxies.report(report("g1", false, "b", "c"));
        assertThat(nodes()).containsExactly("a", "b", "c");

        proxies.report(report("g1", true, "d"));

        assertThat(nodes()).containsExactly("d");
    }

    @Test
    void whoDisconnectsOrWhoseGatewayIsGoneIsForgotten() {
        proxies.report(report("g1", false, "a", "b"));
        proxies.report(report("g2", false, "c"));
        proxies.report(ProxyReport.newBuilder()
                .setGateway("g1")
                .addDisconnected(ProxyReport.ProxyRef.newBuilder().setMesh("m").setNode("a"))
                .build());
        assertThat(nodes()).containsExactly("b", "c");

        proxies.gatewayGone("g2");

        assertThat(nodes()).containsExactly("b");
        assertThat(proxies.list(Optional.of(new MeshId("other")))).isEmpty();
    }

    private List<String> nodes() {
        return proxies.list(Optional.of(new MeshId("m"))).stream()
                .map(ProxyStatus::getNode)
                .toList();
    }

    private static ProxyReport report(String gateway, boolean full, String... nodes) {
        ProxyReport.Builder report =
                ProxyReport.newBuilder().setGateway(gateway).setFull(full);
        for (String node : nodes) {
            report.addUpdated(
                    ProxyStatus.newBuilder().setMesh("m").setNode(node).setGateway(gateway));
        }
        return report.build();
    }
}
