package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.model.position.MeshId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportedProxiesTest {
    private final ReportedProxies proxies = new ReportedProxies(InstantSource.fixed(Instant.ofEpochMilli(5_000)));

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

    @Test
    void aPositionMovesWhoIsSyncedAndNobodyElse() {
        proxies.report(ProxyReport.newBuilder()
                .setGateway("g1")
                .addUpdated(status("a", ProxyStatus.State.SYNCED, 4))
                .addUpdated(status("b", ProxyStatus.State.STALE, 3))
                .addUpdated(status("c", ProxyStatus.State.REJECTED, 2))
                .addUpdated(status("d", ProxyStatus.State.SYNCED, 9))
                .addAdvanced(at(7))
                .build());

        assertThat(proxies.list(Optional.of(new MeshId("m"))))
                .extracting(proxy -> proxy.getAcknowledged().getSeq())
                .containsExactly(7L, 3L, 2L, 9L);

        // And one that settles afterwards, at what it was last told, is there too.
        proxies.report(ProxyReport.newBuilder()
                .setGateway("g1")
                .addUpdated(status("b", ProxyStatus.State.SYNCED, 5))
                .build());
        assertThat(proxies.list(Optional.empty()).get(1).getAcknowledged().getSeq())
                .isEqualTo(7);
    }

    @Test
    void whoLeftIsRememberedUntilHeComesBack() {
        proxies.report(report("g1", false, "a", "b"));
        proxies.report(ProxyReport.newBuilder()
                .setGateway("g1")
                .addDisconnected(ProxyReport.ProxyRef.newBuilder()
                        .setMesh("m")
                        .setNode("a")
                        .setLast(status("a", ProxyStatus.State.SYNCED, 4).toBuilder()
                                .setPeer("10.0.0.1:1")
                                .setDisconnectedAtMs(4_000)))
                .build());
        proxies.gatewayGone("g1");

        List<ProxyStatus> departed = proxies.departed(Optional.of(new MeshId("m")));
        assertThat(departed).extracting(ProxyStatus::getNode).containsExactly("b", "a");
        assertThat(departed).extracting(ProxyStatus::getDisconnectedAtMs).containsExactly(5_000L, 4_000L);
        assertThat(departed.getFirst().getConduct().getLastEnd()).isEqualTo("gateway g1 went away");
        assertThat(departed.getLast().getPeer()).isEqualTo("10.0.0.1:1");

        proxies.report(report("g2", true, "a"));
        assertThat(proxies.departed(Optional.empty()))
                .extracting(ProxyStatus::getNode)
                .containsExactly("b");
    }

    private static ProxyStatus status(String node, ProxyStatus.State state, long acknowledged) {
        return ProxyStatus.newBuilder()
                .setMesh("m")
                .setNode(node)
                .setState(state)
                .setAcknowledged(at(acknowledged))
                .setServed(at(acknowledged))
                .build();
    }

    private static Position at(long seq) {
        return Position.newBuilder().setMesh("m").setEpoch(1).setSeq(seq).build();
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
