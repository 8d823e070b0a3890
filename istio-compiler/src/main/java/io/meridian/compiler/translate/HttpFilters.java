package io.meridian.compiler.translate;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.grpc_stats.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;

/** The chain of HTTP filters, in Istio's order, without those that only Istio's build of Envoy has. */
final class HttpFilters {
    /** Routes give configuration to the filters by these names. */
    static final String FAULT = "envoy.filters.http.fault";

    static final String CORS = "envoy.filters.http.cors";

    private static final String ROUTER = "envoy.filters.http.router";

    static final List<HttpFilter> CHAIN = List.of(
            filter(
                    "envoy.filters.http.grpc_stats",
                    FilterConfig.newBuilder()
                            .setEmitFilterState(true)
                            .setStatsForAllMethods(ProtoValues.bool(false))
                            .build()),
            filter(FAULT, HTTPFault.getDefaultInstance()),
            filter(CORS, Cors.getDefaultInstance()),
            filter(ROUTER, Router.getDefaultInstance()));

    /** Those that gRPC clients have too: a required one that they lack makes them refuse the listener (gRFC A39; A33 for faults). */
    static final List<HttpFilter> GRPC_CLIENT =
            List.of(filter(FAULT, HTTPFault.getDefaultInstance()), filter(ROUTER, Router.getDefaultInstance()));

    /** Servers inject no faults. */
    static final List<HttpFilter> GRPC_SERVER = List.of(filter(ROUTER, Router.getDefaultInstance()));

    private HttpFilters() {}

    private static HttpFilter filter(String name, Message configuration) {
        return HttpFilter.newBuilder()
                .setName(name)
                .setTypedConfig(ProtoValues.any(configuration))
                .build();
    }
}
