package io.meridian.model.istio;

import java.util.List;
import java.util.Optional;

/**
 * TLS towards a destination.
 *
 * @param clientCertificate path of a file that the proxy reads; so are the key, the authorities and their revocation list
 * @param credentialName of a secret that the proxy is served; instead of the files
 * @param insecureSkipVerify unset: no
 */
public record ClientTlsSettings(
        Mode mode,
        Optional<String> clientCertificate,
        Optional<String> privateKey,
        Optional<String> caCertificates,
        Optional<String> credentialName,
        List<String> subjectAltNames,
        Optional<String> sni,
        Optional<Boolean> insecureSkipVerify,
        Optional<String> caCrl) {

    public enum Mode {
        /** The default. */
        DISABLE,
        SIMPLE,
        MUTUAL,
        /** With the certificates of the mesh. */
        ISTIO_MUTUAL
    }

    public ClientTlsSettings {
        subjectAltNames = List.copyOf(subjectAltNames);
    }
}
