package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.TrustChainVerification;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.meridian.model.istio.ServerTlsSettings;
import io.meridian.model.istio.ServerTlsSettings.Certificate;
import io.meridian.model.istio.ServerTlsSettings.Mode;
import io.meridian.model.istio.ServerTlsSettings.ProtocolVersion;
import java.util.List;

/** TLS that a listener ends: of a Gateway's server, or of a Sidecar's ingress. */
public final class GatewayTls {
    private static final List<String> HTTP_ALPN = List.of("h2", "http/1.1");

    private GatewayTls() {}

    /**
     * @param tls of a mode that {@linkplain Mode#terminates ends} TLS
     * @param http whether what is inside is routed as HTTP, so that HTTP/2 can be agreed on
     * @throws IllegalArgumentException for PASSTHROUGH and AUTO_PASSTHROUGH, which have no TLS of their own
     */
    public static TransportSocket transportSocket(ServerTlsSettings tls, boolean http) {
        if (!tls.mode().terminates()) {
            throw new IllegalArgumentException("TLS of mode " + tls.mode() + " is not ended by the listener");
        }
        CommonTlsContext.Builder common = CommonTlsContext.newBuilder();
        if (http) {
            common.addAllAlpnProtocols(HTTP_ALPN);
        }
        addCertificates(common, tls);
        addValidation(common, tls);
        if (tls.mode() != Mode.ISTIO_MUTUAL) {
            addParameters(common, tls);
        }
        boolean required = tls.mode() == Mode.MUTUAL || tls.mode() == Mode.ISTIO_MUTUAL;
        DownstreamTlsContext context = DownstreamTlsContext.newBuilder()
                .setCommonTlsContext(common)
                .setRequireClientCertificate(ProtoValues.bool(required))
                .build();
        return TransportSocket.newBuilder()
                .setName(UpstreamTls.TLS_SOCKET)
                .setTypedConfig(ProtoValues.any(context))
                .build();
    }

    private static void addCertificates(CommonTlsContext.Builder common, ServerTlsSettings tls) {
        if (tls.mode() == Mode.ISTIO_MUTUAL) {
            common.addTlsCertificateSdsSecretConfigs(SecretConfigs.named(SecretConfigs.WORKLOAD));
        } else if (!tls.credentialNames().isEmpty()) {
            tls.credentialNames()
                    .forEach(name -> common.addTlsCertificateSdsSecretConfigs(SecretConfigs.credential(name)));
        } else {
            for (Certificate certificate : tls.certificates()) {
                common.addTlsCertificatesBuilder()
                        .setCertificateChain(ProtoValues.file(certificate.serverCertificate()))
                        .setPrivateKey(ProtoValues.file(certificate.privateKey()));
            }
        }
    }

    /** How clients' certificates are checked, where they are asked for. */
    private static void addValidation(CommonTlsContext.Builder common, ServerTlsSettings tls) {
        if (tls.mode() == Mode.SIMPLE) {
            return;
        }
        CertificateValidationContext.Builder validation = CertificateValidationContext.newBuilder()
                .addAllMatchTypedSubjectAltNames(SecretConfigs.subjects(tls.subjectAltNames()));
        tls.caCrl().ifPresent(revoked -> validation.setCrl(ProtoValues.file(revoked)));
        if (tls.insecureSkipVerify().orElse(false)) {
            validation.setTrustChainVerification(TrustChainVerification.ACCEPT_UNTRUSTED);
        }
        if (tls.mode() == Mode.ISTIO_MUTUAL) {
            combine(common, validation, SecretConfigs.MESH_AUTHORITIES, true);
            return;
        }
        validation
                .addAllVerifyCertificateSpki(tls.verifyCertificateSpki())
                .addAllVerifyCertificateHash(tls.verifyCertificateHash());
        if (!tls.credentialNames().isEmpty() || tls.caCertCredentialName().isPresent()) {
            String name = tls.caCertCredentialName()
                    .orElseGet(() -> tls.credentialNames().getFirst());
            combine(common, validation, name + SecretConfigs.AUTHORITIES_SUFFIX, false);
        } else {
            tls.caCertificates().ifPresent(authorities -> validation.setTrustedCa(ProtoValues.file(authorities)));
            common.setValidationContext(validation);
        }
    }

    private static void combine(
            CommonTlsContext.Builder common,
            CertificateValidationContext.Builder validation,
            String authorities,
            boolean ofMesh) {
        common.setCombinedValidationContext(CombinedCertificateValidationContext.newBuilder()
                .setDefaultValidationContext(validation)
                .setValidationContextSdsSecretConfig(
                        ofMesh ? SecretConfigs.named(authorities) : SecretConfigs.credential(authorities)));
    }

    private static void addParameters(CommonTlsContext.Builder common, ServerTlsSettings tls) {
        TlsParameters parameters = TlsParameters.newBuilder()
                .setTlsMinimumProtocolVersion(version(tls.minProtocolVersion()))
                .setTlsMaximumProtocolVersion(version(tls.maxProtocolVersion()))
                .addAllCipherSuites(tls.cipherSuites())
                .addAllEcdhCurves(tls.ecdhCurves())
                .build();
        if (!parameters.equals(TlsParameters.getDefaultInstance())) {
            common.setTlsParams(parameters);
        }
    }

    private static TlsProtocol version(ProtocolVersion version) {
        return switch (version) {
            case TLS_AUTO -> TlsProtocol.TLS_AUTO;
            case TLSV1_0 -> TlsProtocol.TLSv1_0;
            case TLSV1_1 -> TlsProtocol.TLSv1_1;
            case TLSV1_2 -> TlsProtocol.TLSv1_2;
            case TLSV1_3 -> TlsProtocol.TLSv1_3;
        };
    }
}
