package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UpstreamProtocolOptionsCase;
import java.util.function.Consumer;

/** The HTTP options of a cluster while it is put together. Confined to one call. */
final class UpstreamHttp {
    private static final String EXTENSION = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    private final io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.Builder options =
            io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.newBuilder();
    private boolean wanted;

    void speakHttp2() {
        wanted = true;
        options.getExplicitHttpConfigBuilder().setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance());
    }

    /** HTTP/1.1 to the service for a request that came by HTTP/1.1, HTTP/2 for one that came by HTTP/2. */
    void speakAsTheClient() {
        wanted = true;
        options.getUseDownstreamProtocolConfigBuilder()
                .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance());
    }

    boolean speaksHttp2() {
        return options.getExplicitHttpConfig().hasHttp2ProtocolOptions();
    }

    void common(Consumer<HttpProtocolOptions.Builder> change) {
        wanted = true;
        change.accept(options.getCommonHttpProtocolOptionsBuilder());
    }

    /** Where HTTP/2 can be spoken; nothing otherwise. */
    void http2(Consumer<Http2ProtocolOptions.Builder> change) {
        if (speaksHttp2()) {
            change.accept(options.getExplicitHttpConfigBuilder().getHttp2ProtocolOptionsBuilder());
        } else if (options.hasUseDownstreamProtocolConfig()) {
            change.accept(options.getUseDownstreamProtocolConfigBuilder().getHttp2ProtocolOptionsBuilder());
        }
    }

    /** Takes the SNI from the request's authority, and checks the server's certificate against it if {@code checkName}. */
    void sniFromAuthority(boolean checkName) {
        wanted = true;
        options.getUpstreamHttpProtocolOptionsBuilder().setAutoSni(true).setAutoSanValidation(checkName);
    }

    void applyTo(Cluster.Builder cluster) {
        if (!wanted) {
            return;
        }
        if (options.getUpstreamProtocolOptionsCase() == UpstreamProtocolOptionsCase.UPSTREAMPROTOCOLOPTIONS_NOT_SET) {
            options.getExplicitHttpConfigBuilder().setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance());
        }
        cluster.putTypedExtensionProtocolOptions(EXTENSION, ProtoValues.any(options.build()));
    }
}
