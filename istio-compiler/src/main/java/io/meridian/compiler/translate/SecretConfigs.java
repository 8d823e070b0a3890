package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;
import java.util.stream.Stream;

/** References to secrets that a proxy is served over ADS, by Istio's names. */
final class SecretConfigs {
    /** The proxy's own certificate in the mesh. */
    static final String WORKLOAD = "default";

    /** The authorities of the mesh. */
    static final String MESH_AUTHORITIES = "ROOTCA";

    /** What follows the name of a credential in the name of its authorities. */
    static final String AUTHORITIES_SUFFIX = "-cacert";

    private static final String KUBERNETES = "kubernetes://";

    /**
     * Without a first-fetch limit of its own, so that Envoy's of 15 s holds: a secret that does not exist must not keep the listener or
     * cluster from warming for ever.
     */
    private static final ConfigSource ADS = ConfigSource.newBuilder()
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .setResourceApiVersion(ApiVersion.V3)
            .build();

    private static final List<SanType> SAN_TYPES = List.of(SanType.EMAIL, SanType.DNS, SanType.URI, SanType.IP_ADDRESS);

    private SecretConfigs() {}

    static SdsSecretConfig named(String name) {
        return SdsSecretConfig.newBuilder().setName(name).setSdsConfig(ADS).build();
    }

    /** Of a {@code credentialName} as users write it. */
    static SdsSecretConfig credential(String name) {
        return named(name.contains("://") ? name : KUBERNETES + name);
    }

    /** A certificate meets it that has one of the names, of any type. */
    static List<SubjectAltNameMatcher> subjects(List<String> names) {
        return names.stream().flatMap(SecretConfigs::subject).toList();
    }

    private static Stream<SubjectAltNameMatcher> subject(String name) {
        StringMatcher exact = StringMatcher.newBuilder().setExact(name).build();
        return SAN_TYPES.stream()
                .map(type -> SubjectAltNameMatcher.newBuilder()
                        .setSanType(type)
                        .setMatcher(exact)
                        .build());
    }
}
