package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig.Version;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.meridian.model.istio.ClientTlsSettings;
import io.meridian.model.istio.TrafficPolicy.ProxyProtocol;

/** TLS towards a destination. */
final class UpstreamTls {
    static final String TLS_SOCKET = "envoy.transport_sockets.tls";
    private static final String PROXY_PROTOCOL_SOCKET = "envoy.transport_sockets.upstream_proxy_protocol";

    /** Where Envoy's images, and Debian and its kin, keep the public authorities; Istio's agent looks in several places. */
    private static final String SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

    /** Tells the other side's proxy that it is a peer. */
    private static final String MESH_ALPN = "istio";

    private static final String HTTP2_ALPN = "h2";

    private static final TransportSocket PLAIN = TransportSocket.newBuilder()
            .setName("envoy.transport_sockets.raw_buffer")
            .setTypedConfig(ProtoValues.any(RawBuffer.getDefaultInstance()))
            .build();

    private UpstreamTls() {}

    static void apply(
            Cluster.Builder cluster, UpstreamHttp http, ClientTlsSettings tls, ClusterTranslation.Context context) {
        switch (tls.mode()) {
            case DISABLE -> {}
            case ISTIO_MUTUAL -> set(cluster, meshMutual(tls, http, context));
            case SIMPLE, MUTUAL -> {
                if (!lacksCertificate(tls)) {
                    set(cluster, originated(tls, http));
                }
            }
        }
    }

    /** Refused by validation; in a spec that was stored under other rules it means no TLS, as in Istio. */
    private static boolean lacksCertificate(ClientTlsSettings tls) {
        return tls.mode() == ClientTlsSettings.Mode.MUTUAL
                && tls.credentialName().isEmpty()
                && (tls.clientCertificate().isEmpty() || tls.privateKey().isEmpty());
    }

    private static void set(Cluster.Builder cluster, UpstreamTlsContext context) {
        cluster.setTransportSocket(
                TransportSocket.newBuilder().setName(TLS_SOCKET).setTypedConfig(ProtoValues.any(context)));
    }

    private static CommonTlsContext.Builder common() {
        return CommonTlsContext.newBuilder()
                .setTlsParams(TlsParameters.newBuilder()
                        .setTlsMinimumProtocolVersion(TlsProtocol.TLSv1_2)
                        .setTlsMaximumProtocolVersion(TlsProtocol.TLSv1_3));
    }

    /** The certificates are asked for over ADS; until there is an authority of the mesh that issues them, connections fail. */
    private static UpstreamTlsContext meshMutual(
            ClientTlsSettings tls, UpstreamHttp http, ClusterTranslation.Context context) {
        CommonTlsContext.Builder common = common().addTlsCertificateSdsSecretConfigs(
                        SecretConfigs.named(SecretConfigs.WORKLOAD))
                .setCombinedValidationContext(CombinedCertificateValidationContext.newBuilder()
                        .setDefaultValidationContext(subjects(tls))
                        .setValidationContextSdsSecretConfig(SecretConfigs.named(SecretConfigs.MESH_AUTHORITIES)))
                .addAlpnProtocols(MESH_ALPN);
        if (http.speaksHttp2()) {
            common.addAlpnProtocols(HTTP2_ALPN);
        }
        return UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(common)
                .setSni(tls.sni().orElse(context.defaultSni()))
                .build();
    }

    private static UpstreamTlsContext originated(ClientTlsSettings tls, UpstreamHttp http) {
        boolean unchecked = tls.insecureSkipVerify().orElse(false);
        if (tls.sni().isEmpty()) {
            http.sniFromAuthority(tls.subjectAltNames().isEmpty() && !unchecked);
        }
        CommonTlsContext.Builder common = common();
        if (tls.credentialName().isPresent()) {
            addCredential(common, tls, tls.credentialName().get(), unchecked);
        } else {
            addFiles(common, tls, unchecked);
        }
        if (http.speaksHttp2()) {
            common.addAlpnProtocols(HTTP2_ALPN);
        }
        return UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(common)
                .setSni(tls.sni().orElse(""))
                .build();
    }

    private static void addCredential(
            CommonTlsContext.Builder common, ClientTlsSettings tls, String name, boolean unchecked) {
        if (tls.mode() == ClientTlsSettings.Mode.MUTUAL) {
            common.addTlsCertificateSdsSecretConfigs(SecretConfigs.credential(name));
        }
        if (!unchecked) {
            common.setCombinedValidationContext(CombinedCertificateValidationContext.newBuilder()
                    .setDefaultValidationContext(subjects(tls))
                    .setValidationContextSdsSecretConfig(
                            SecretConfigs.credential(name + SecretConfigs.AUTHORITIES_SUFFIX)));
        }
    }

    private static void addFiles(CommonTlsContext.Builder common, ClientTlsSettings tls, boolean unchecked) {
        if (tls.mode() == ClientTlsSettings.Mode.MUTUAL) {
            common.addTlsCertificatesBuilder()
                    .setCertificateChain(
                            ProtoValues.file(tls.clientCertificate().orElseThrow()))
                    .setPrivateKey(ProtoValues.file(tls.privateKey().orElseThrow()));
        }
        if (!unchecked) {
            CertificateValidationContext.Builder validation = subjects(tls).toBuilder()
                    .setTrustedCa(ProtoValues.file(tls.caCertificates().orElse(SYSTEM_AUTHORITIES)));
            tls.caCrl().ifPresent(revoked -> validation.setCrl(ProtoValues.file(revoked)));
            common.setValidationContext(validation);
        }
    }

    private static CertificateValidationContext subjects(ClientTlsSettings tls) {
        return CertificateValidationContext.newBuilder()
                .addAllMatchTypedSubjectAltNames(SecretConfigs.subjects(tls.subjectAltNames()))
                .build();
    }

    /** Around the socket that the cluster has, or a plain one. */
    static void addProxyProtocol(Cluster.Builder cluster, ProxyProtocol version) {
        TransportSocket inner = cluster.hasTransportSocket() ? cluster.getTransportSocket() : PLAIN;
        ProxyProtocolUpstreamTransport transport = ProxyProtocolUpstreamTransport.newBuilder()
                .setConfig(ProxyProtocolConfig.newBuilder()
                        .setVersion(
                                switch (version) {
                                    case V1 -> Version.V1;
                                    case V2 -> Version.V2;
                                }))
                .setTransportSocket(inner)
                .build();
        cluster.setTransportSocket(
                TransportSocket.newBuilder().setName(PROXY_PROTOCOL_SOCKET).setTypedConfig(ProtoValues.any(transport)));
    }
}
