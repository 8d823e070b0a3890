package io.meridian.compiler.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension;
import io.envoyproxy.envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig;
import io.meridian.api.type.v1.MeshSpec;

/** The network filter that speaks HTTP. Nothing in it is of a single proxy, so that proxies can share its bytes. */
public final class HttpConnectionManagers {
    static final String NAME = "envoy.filters.network.http_connection_manager";
    private static final String SERVER_NAME = "istio-envoy";

    private static final RequestIDExtension REQUEST_IDS = RequestIDExtension.newBuilder()
            .setTypedConfig(ProtoValues.any(UuidRequestIdConfig.newBuilder()
                    .setUseRequestIdForTraceSampling(ProtoValues.bool(true))
                    .build()))
            .build();

    /** Waits for the first answer without limit: a listener without its routes would answer 404. */
    private static final ConfigSource ADS = ConfigSource.newBuilder()
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .setInitialFetchTimeout(Duration.getDefaultInstance())
            .setResourceApiVersion(ApiVersion.V3)
            .build();

    /** On whose behalf it listens. */
    public enum Kind {
        SIDECAR_OUTBOUND,
        SIDECAR_INBOUND,
        /** At the edge of the mesh: what clients say of themselves is not believed. */
        GATEWAY
    }

    /**
     * @param statPrefix of its statistics: "outbound_0.0.0.0_9080;"
     * @param routeConfigName asked for over ADS; unused where the routes are inline
     */
    public record Settings(Kind kind, String statPrefix, String routeConfigName, MeshSpec mesh) {}

    private HttpConnectionManagers() {}

    /** With routes that are served apart. */
    public static Filter overRds(Settings settings) {
        return filter(common(settings)
                .setRds(Rds.newBuilder().setConfigSource(ADS).setRouteConfigName(settings.routeConfigName())));
    }

    /** With routes that are part of it. */
    public static Filter inline(Settings settings, RouteConfiguration routes) {
        return filter(common(settings).setRouteConfig(routes));
    }

    private static Filter filter(HttpConnectionManager.Builder manager) {
        return Filter.newBuilder()
                .setName(NAME)
                .setTypedConfig(ProtoValues.any(manager.build()))
                .build();
    }

    private static HttpConnectionManager.Builder common(Settings settings) {
        HttpConnectionManager.Builder manager = HttpConnectionManager.newBuilder()
                .setStatPrefix(settings.statPrefix())
                .addAllHttpFilters(HttpFilters.CHAIN)
                .setTracing(Tracings.of(settings.mesh()))
                .addAllAccessLog(AccessLogs.of(settings.mesh()))
                // Requests without end are common: watches, streams. Routes have the limits.
                .setStreamIdleTimeout(ProtoValues.ZERO)
                .setUseRemoteAddress(ProtoValues.bool(settings.kind() == Kind.GATEWAY))
                .setProxy100Continue(true)
                .addUpgradeConfigs(UpgradeConfig.newBuilder().setUpgradeType("websocket"))
                .setNormalizePath(ProtoValues.bool(true))
                .setPathWithEscapedSlashesAction(PathWithEscapedSlashesAction.KEEP_UNCHANGED)
                .setRequestIdExtension(REQUEST_IDS);
        switch (settings.kind()) {
            case SIDECAR_OUTBOUND -> {}
            case SIDECAR_INBOUND ->
                manager.setServerName(SERVER_NAME)
                        .setForwardClientCertDetails(ForwardClientCertDetails.APPEND_FORWARD)
                        .setSetCurrentClientCertDetails(clientCertificate());
            case GATEWAY ->
                manager.setServerName(SERVER_NAME)
                        .setForwardClientCertDetails(ForwardClientCertDetails.SANITIZE_SET)
                        .setSetCurrentClientCertDetails(clientCertificate().setCert(true))
                        .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance());
        }
        return manager;
    }

    /** What services are told of it in x-forwarded-client-cert. */
    private static SetCurrentClientCertDetails.Builder clientCertificate() {
        return SetCurrentClientCertDetails.newBuilder()
                .setSubject(ProtoValues.bool(true))
                .setDns(true)
                .setUri(true);
    }
}
