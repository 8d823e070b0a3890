package io.meridian.compiler.translate;

import static io.meridian.compiler.translate.Specs.unpack;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.translate.HttpConnectionManagers.Kind;
import io.meridian.compiler.translate.HttpConnectionManagers.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HttpConnectionManagersTest {
    private static final MeshSpec QUIET = MeshSpec.newBuilder()
            .setTrustDomain("cluster.local")
            .setTracing(MeshSpec.Tracing.newBuilder().setSamplingPercent(2.5))
            .build();

    private static MeshSpec logging(String format) {
        return QUIET.toBuilder()
                .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true).setFormat(format))
                .build();
    }

    private static HttpConnectionManager manager(Kind kind, MeshSpec mesh) {
        Filter filter = HttpConnectionManagers.overRds(new Settings(kind, "outbound_0.0.0.0_9080;", "9080", mesh));
        assertThat(filter.getName()).isEqualTo("envoy.filters.network.http_connection_manager");
        return unpack(filter.getTypedConfig(), HttpConnectionManager.class);
    }

    @ParameterizedTest
    @EnumSource
    void everyManagerHasTheFiltersThatRoutesConfigure(Kind kind) {
        HttpConnectionManager manager = manager(kind, QUIET);

        assertThat(manager.getHttpFiltersList())
                .extracting(HttpFilter::getName)
                .containsExactly(
                        "envoy.filters.http.grpc_stats",
                        "envoy.filters.http.fault",
                        "envoy.filters.http.cors",
                        "envoy.filters.http.router");
        assertThat(manager.getUpgradeConfigsList())
                .extracting(UpgradeConfig::getUpgradeType)
                .containsExactly("websocket");
        assertThat(manager.getNormalizePath().getValue()).isTrue();
        assertThat(manager.hasStreamIdleTimeout()).isTrue();
        assertThat(manager.getStreamIdleTimeout().getSeconds()).isZero();
        assertThat(manager.getTracing().getRandomSampling().getValue()).isEqualTo(2.5);
        assertThat(manager.getRds().getRouteConfigName()).isEqualTo("9080");
        assertThat(manager.getRds().getConfigSource().hasAds()).isTrue();
        assertThat(manager.getAccessLogList()).isEmpty();
    }

    @Test
    void onlyAGatewayDistrustsItsClients() {
        assertThat(manager(Kind.GATEWAY, QUIET).getUseRemoteAddress().getValue())
                .isTrue();
        assertThat(manager(Kind.GATEWAY, QUIET).getForwardClientCertDetails())
                .isEqualTo(ForwardClientCertDetails.SANITIZE_SET);
        assertThat(manager(Kind.SIDECAR_INBOUND, QUIET).getForwardClientCertDetails())
                .isEqualTo(ForwardClientCertDetails.APPEND_FORWARD);
        assertThat(manager(Kind.SIDECAR_OUTBOUND, QUIET).getUseRemoteAddress().getValue())
                .isFalse();
        assertThat(manager(Kind.SIDECAR_OUTBOUND, QUIET).getServerName()).isEmpty();
        assertThat(manager(Kind.GATEWAY, QUIET).getServerName()).isEqualTo("istio-envoy");
    }

    @Test
    void accessLogsGoToTheStandardOutputALineEach() {
        FileAccessLog standard =
                unpack(manager(Kind.GATEWAY, logging("")).getAccessLog(0).getTypedConfig(), FileAccessLog.class);
        FileAccessLog own = unpack(
                manager(Kind.GATEWAY, logging("%RESPONSE_CODE%"))
                        .getAccessLog(0)
                        .getTypedConfig(),
                FileAccessLog.class);

        assertThat(standard.getPath()).isEqualTo("/dev/stdout");
        assertThat(standard.getLogFormat().getTextFormatSource().getInlineString())
                .startsWith("[%START_TIME%] \"%REQ(:METHOD)%")
                .endsWith("%ROUTE_NAME%\n");
        assertThat(own.getLogFormat().getTextFormatSource().getInlineString()).isEqualTo("%RESPONSE_CODE%\n");
    }

    @Test
    void connectionsAreLoggedToo() {
        TcpProxy proxy =
                unpack(TcpFilters.proxy(ClusterNames.PASSTHROUGH, logging("")).getTypedConfig(), TcpProxy.class);

        assertThat(proxy.getStatPrefix()).isEqualTo("PassthroughCluster");
        assertThat(proxy.getCluster()).isEqualTo("PassthroughCluster");
        assertThat(proxy.getAccessLogCount()).isOne();
        assertThat(AccessLogs.ofListener(logging(""))
                        .getFirst()
                        .getFilter()
                        .getResponseFlagFilter()
                        .getFlagsList())
                .containsExactly("NR");
        assertThat(AccessLogs.ofListener(QUIET)).isEmpty();
    }
}
