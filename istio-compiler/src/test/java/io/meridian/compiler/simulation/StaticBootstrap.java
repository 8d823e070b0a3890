package io.meridian.compiler.simulation;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;

/** A configuration of Envoy with given listeners and clusters, and a control plane for what they ask of one. */
public final class StaticBootstrap {
    private static final String CONTROL_PLANE = "control-plane";

    private StaticBootstrap() {}

    public static Bootstrap of(List<Listener> listeners, List<Cluster> clusters) {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap
                .getNodeBuilder()
                .setId("sidecar~127.0.0.1~it.default~default.svc.cluster.local")
                .setCluster("it");
        bootstrap.getDynamicResourcesBuilder().setAdsConfig(stream());
        bootstrap
                .getStaticResourcesBuilder()
                .addAllListeners(listeners)
                .addAllClusters(clusters)
                .addClusters(controlPlane());
        return bootstrap.build();
    }

    private static ApiConfigSource stream() {
        return ApiConfigSource.newBuilder()
                .setApiType(ApiConfigSource.ApiType.DELTA_GRPC)
                .setTransportApiVersion(ApiVersion.V3)
                .addGrpcServices(GrpcService.newBuilder()
                        .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder().setClusterName(CONTROL_PLANE)))
                .build();
    }

    /** To the same control plane, but beside ADS. */
    public static ConfigSource ownStream() {
        return ConfigSource.newBuilder()
                .setApiConfigSource(stream())
                .setResourceApiVersion(ApiVersion.V3)
                .build();
    }

    /** {@code port} 0: one that the system chooses. */
    public static Address localAddress(int port) {
        return Address.newBuilder()
                .setSocketAddress(
                        SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(port))
                .build();
    }

    private static Cluster controlPlane() {
        HttpProtocolOptions.Builder http = HttpProtocolOptions.newBuilder();
        http.getExplicitHttpConfigBuilder().setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance());
        ClusterLoadAssignment.Builder endpoints =
                ClusterLoadAssignment.newBuilder().setClusterName(CONTROL_PLANE);
        // Nobody listens there; nothing that is tested needs its answer.
        endpoints
                .addEndpointsBuilder()
                .addLbEndpointsBuilder()
                .getEndpointBuilder()
                .setAddress(localAddress(1));
        return Cluster.newBuilder()
                .setName(CONTROL_PLANE)
                .setType(Cluster.DiscoveryType.STATIC)
                .setLoadAssignment(endpoints)
                .putTypedExtensionProtocolOptions(
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                        com.google.protobuf.Any.pack(http.build()))
                .build();
    }
}
