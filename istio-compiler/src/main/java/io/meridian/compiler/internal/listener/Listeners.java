package io.meridian.compiler.internal.listener;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.translate.AccessLogs;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.TcpFilters;
import java.util.List;

/** What listeners have in common. */
final class Listeners {
    static final String ANY_ADDRESS = "0.0.0.0";
    static final String LOOPBACK = "127.0.0.1";
    private static final String UNIX = "unix://";
    private static final int CONNECT_TIMEOUT_SECONDS = 15;

    static final ListenerFilter ORIGINAL_DST = ListenerFilter.newBuilder()
            .setName("envoy.filters.listener.original_dst")
            .setTypedConfig(Any.pack(OriginalDst.getDefaultInstance()))
            .build();
    static final ListenerFilter TLS_INSPECTOR = ListenerFilter.newBuilder()
            .setName("envoy.filters.listener.tls_inspector")
            .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance()))
            .build();
    static final ListenerFilter HTTP_INSPECTOR = ListenerFilter.newBuilder()
            .setName("envoy.filters.listener.http_inspector")
            .setTypedConfig(Any.pack(HttpInspector.getDefaultInstance()))
            .build();

    /** What the inspector finds plain HTTP by. */
    static final FilterChainMatch PLAIN_HTTP = FilterChainMatch.newBuilder()
            .setTransportProtocol("raw_buffer")
            .addApplicationProtocols("http/1.1")
            .addApplicationProtocols("h2c")
            .build();

    private Listeners() {}

    /** "0.0.0.0_9080"; a socket's path stands for itself. */
    static String name(String bind, int port) {
        return bind.startsWith(UNIX) ? bind : bind + "_" + port;
    }

    static Listener.Builder listener(String bind, int port, TrafficDirection direction, MeshSpec mesh) {
        return Listener.newBuilder()
                .setName(name(bind, port))
                .setAddress(address(bind, port))
                .setTrafficDirection(direction)
                .addAllAccessLog(AccessLogs.ofListener(mesh));
    }

    private static Address address(String bind, int port) {
        if (bind.startsWith(UNIX)) {
            return Address.newBuilder()
                    .setPipe(Pipe.newBuilder().setPath(bind.substring(UNIX.length())))
                    .build();
        }
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(bind).setPortValue(port))
                .build();
    }

    /** Wakes one connection at a time, so that workers share them evenly. */
    static void bound(Listener.Builder listener) {
        listener.setMaxConnectionsToAcceptPerSocketEvent(UInt32Value.of(1));
    }

    /** Gets its connections from the listener that traffic is redirected to. */
    static void redirected(Listener.Builder listener) {
        listener.setBindToPort(BoolValue.of(false));
    }

    /** Waits for the first bytes as long as it takes, and then goes on without knowing. */
    static void inspecting(Listener.Builder listener, List<ListenerFilter> inspectors) {
        listener.addAllListenerFilters(inspectors)
                .setListenerFiltersTimeout(Duration.getDefaultInstance())
                .setContinueOnListenerFiltersTimeout(true);
    }

    static FilterChain.Builder chain(List<Filter> filters) {
        return FilterChain.newBuilder().addAllFilters(filters);
    }

    static Duration connectTimeout() {
        return Duration.newBuilder().setSeconds(CONNECT_TIMEOUT_SECONDS).build();
    }

    /** For what is not HTTP, where only HTTP is expected: on its way, or to nowhere. */
    static FilterChain unknown(boolean passes, MeshSpec mesh) {
        String cluster = passes ? ClusterNames.PASSTHROUGH : ClusterNames.BLACK_HOLE;
        return chain(List.of(TcpFilters.proxy(cluster, mesh)))
                .setFilterChainMatch(FilterChainMatch.getDefaultInstance())
                .setName(passes ? "PassthroughFilterChain" : "BlackHoleFilterChain")
                .build();
    }
}
