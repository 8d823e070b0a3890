package io.meridian.model.istio;

import java.util.List;
import java.util.Optional;

/**
 * TLS of a listener: a Gateway's server or a Sidecar's ingress.
 *
 * @param httpsRedirect plain requests get a 301 to https
 * @param certificates files that the proxy reads, at most two, of different key types
 * @param credentialNames of secrets that the proxy is served, instead of files; a single one stands here too
 * @param caCertCredentialName of the secret with the clients' authorities, if it is not in the same secret
 * @param verifyCertificateSpki base64 SHA-256 of client keys; with {@code verifyCertificateHash} one match is enough
 */
public record ServerTlsSettings(
        boolean httpsRedirect,
        Mode mode,
        List<Certificate> certificates,
        Optional<String> caCertificates,
        Optional<String> caCrl,
        List<String> credentialNames,
        Optional<String> caCertCredentialName,
        List<String> subjectAltNames,
        List<String> verifyCertificateSpki,
        List<String> verifyCertificateHash,
        ProtocolVersion minProtocolVersion,
        ProtocolVersion maxProtocolVersion,
        List<String> cipherSuites,
        List<String> ecdhCurves,
        Optional<Boolean> insecureSkipVerify) {

    public enum Mode {
        /** The default: forwarded by SNI as it is. */
        PASSTHROUGH,
        SIMPLE,
        MUTUAL,
        /** Forwarded by SNI that names the cluster itself: between networks. */
        AUTO_PASSTHROUGH,
        /** With the certificates of the mesh. */
        ISTIO_MUTUAL,
        OPTIONAL_MUTUAL;

        /** Whether the proxy ends the TLS, so that it sees what is inside. */
        public boolean terminates() {
            return this != PASSTHROUGH && this != AUTO_PASSTHROUGH;
        }
    }

    public enum ProtocolVersion {
        TLS_AUTO,
        TLSV1_0,
        TLSV1_1,
        TLSV1_2,
        TLSV1_3
    }

    /** Paths of files. */
    public record Certificate(String serverCertificate, String privateKey, Optional<String> caCertificates) {}

    public ServerTlsSettings {
        certificates = List.copyOf(certificates);
        credentialNames = List.copyOf(credentialNames);
        subjectAltNames = List.copyOf(subjectAltNames);
        verifyCertificateSpki = List.copyOf(verifyCertificateSpki);
        verifyCertificateHash = List.copyOf(verifyCertificateHash);
        cipherSuites = List.copyOf(cipherSuites);
        ecdhCurves = List.copyOf(ecdhCurves);
    }
}
