package io.meridian.model.istio;

import io.meridian.model.istio.ServerTlsSettings.Certificate;
import io.meridian.model.istio.ServerTlsSettings.Mode;
import io.meridian.model.istio.ServerTlsSettings.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** TLS settings, of clients and of servers, and what each mode needs. */
final class TlsParser {
    private static final String[] CLIENT_FILES = {"clientCertificate", "privateKey", "caCertificates", "caCrl"};
    private static final String[] SERVER_CREDENTIALS = {
        "serverCertificate",
        "privateKey",
        "caCertificates",
        "caCrl",
        "credentialName",
        "credentialNames",
        "tlsCertificates",
        "caCertCredentialName"
    };

    /** Istio's word for the proxy's own trusted certificates, which are also those without any. */
    private static final String SYSTEM_CERTIFICATES = "system";

    /** Envoy's, that of a DNS name. */
    private static final int MAX_SNI_BYTES = 255;

    private static final Pattern SPKI = Pattern.compile("[A-Za-z0-9+/]{43}=");
    private static final Pattern CERTIFICATE_HASH =
            Pattern.compile("[0-9a-fA-F]{64}|[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){31}");

    private TlsParser() {}

    static ClientTlsSettings client(FieldReader in) {
        ClientTlsSettings tls = new ClientTlsSettings(
                in.enumeration("mode", ClientTlsSettings.Mode.class).orElse(ClientTlsSettings.Mode.DISABLE),
                in.string("clientCertificate"),
                in.string("privateKey"),
                in.string("caCertificates").filter(file -> !file.equals(SYSTEM_CERTIFICATES)),
                in.string("credentialName"),
                in.strings("subjectAltNames"),
                in.string("sni"),
                in.bool("insecureSkipVerify"),
                in.string("caCrl"));
        checkClient(in, tls);
        return tls;
    }

    private static void checkClient(FieldReader in, ClientTlsSettings tls) {
        boolean credential = tls.credentialName().isPresent();
        if (credential
                && (tls.clientCertificate().isPresent()
                        || tls.privateKey().isPresent()
                        || tls.caCertificates().isPresent()
                        || tls.caCrl().isPresent())) {
            in.error("credentialName", "must not be given together with " + String.join(", ", CLIENT_FILES));
        }
        if (tls.insecureSkipVerify().orElse(false)
                && (tls.caCertificates().isPresent() || !tls.subjectAltNames().isEmpty())) {
            in.error("insecureSkipVerify", "must not be true where caCertificates or subjectAltNames are given");
        }
        tls.sni()
                .filter(sni -> sni.getBytes(StandardCharsets.UTF_8).length > MAX_SNI_BYTES)
                .ifPresent(sni -> in.error("sni", "must have at most " + MAX_SNI_BYTES + " bytes"));
        switch (tls.mode()) {
            case MUTUAL -> {
                if (!credential
                        && (tls.clientCertificate().isEmpty()
                                || tls.privateKey().isEmpty())) {
                    in.error("", "mode MUTUAL needs clientCertificate and privateKey, or credentialName");
                }
            }
            case ISTIO_MUTUAL -> {
                for (String field :
                        new String[] {"clientCertificate", "privateKey", "caCertificates", "credentialName"}) {
                    if (in.has(field)) {
                        in.error(field, "must not be given in mode ISTIO_MUTUAL, which uses the mesh's certificates");
                    }
                }
            }
            case DISABLE, SIMPLE -> {}
        }
    }

    static ServerTlsSettings server(FieldReader in) {
        in.atMostOne("credentialName", "credentialNames", "tlsCertificates");
        Optional<String> certificate = in.string("serverCertificate");
        Optional<String> key = in.string("privateKey");
        List<Certificate> certificates = new ArrayList<>(in.objects("tlsCertificates", TlsParser::certificate));
        if (certificate.isPresent() && key.isPresent()) {
            certificates.addFirst(new Certificate(certificate.get(), key.get(), Optional.empty()));
        }
        List<String> credentials = new ArrayList<>(in.strings("credentialNames"));
        in.string("credentialName").ifPresent(credentials::addFirst);
        ServerTlsSettings tls = new ServerTlsSettings(
                in.flag("httpsRedirect"),
                in.enumeration("mode", Mode.class).orElse(Mode.PASSTHROUGH),
                certificates,
                in.string("caCertificates"),
                in.string("caCrl"),
                credentials,
                in.string("caCertCredentialName"),
                in.strings("subjectAltNames"),
                in.strings("verifyCertificateSpki"),
                in.strings("verifyCertificateHash"),
                in.enumeration("minProtocolVersion", ProtocolVersion.class).orElse(ProtocolVersion.TLS_AUTO),
                in.enumeration("maxProtocolVersion", ProtocolVersion.class).orElse(ProtocolVersion.TLS_AUTO),
                in.strings("cipherSuites"),
                in.strings("ecdhCurves"),
                in.bool("insecureSkipVerify"));
        checkServer(in, tls);
        return tls;
    }

    private static Certificate certificate(FieldReader in) {
        return new Certificate(
                in.requiredString("serverCertificate"), in.requiredString("privateKey"), in.string("caCertificates"));
    }

    private static void checkServer(FieldReader in, ServerTlsSettings tls) {
        switch (tls.mode()) {
            case SIMPLE -> {
                checkServerCertificate(in, tls);
                if (tls.caCrl().isPresent()) {
                    in.error("caCrl", "must not be given in mode SIMPLE, which asks clients for no certificate");
                }
            }
            case MUTUAL, OPTIONAL_MUTUAL -> {
                checkServerCertificate(in, tls);
                if (tls.credentialNames().isEmpty() && tls.caCertificates().isEmpty()) {
                    in.error("caCertificates", "is required in mode " + tls.mode() + " without a credentialName");
                }
            }
            case ISTIO_MUTUAL -> {
                for (String field : SERVER_CREDENTIALS) {
                    if (in.has(field)) {
                        in.error(field, "must not be given in mode ISTIO_MUTUAL, which uses the mesh's certificates");
                    }
                }
            }
            case PASSTHROUGH, AUTO_PASSTHROUGH -> {
                for (String field : SERVER_CREDENTIALS) {
                    if (in.has(field)) {
                        in.warning(field, "is not used in mode " + tls.mode());
                    }
                }
            }
        }
        checkVersions(in, tls);
        FieldChecks.each(in, "verifyCertificateSpki", tls.verifyCertificateSpki(), TlsParser::spki);
        FieldChecks.each(in, "verifyCertificateHash", tls.verifyCertificateHash(), TlsParser::certificateHash);
    }

    private static Optional<String> spki(String text) {
        return SPKI.matcher(text).matches()
                ? Optional.empty()
                : Optional.of("must be a SHA-256 digest in base64: 44 characters that end in =");
    }

    private static Optional<String> certificateHash(String text) {
        return CERTIFICATE_HASH.matcher(text).matches()
                ? Optional.empty()
                : Optional.of(
                        "must be a SHA-256 digest in hexadecimal: 64 digits, or 32 pairs of them parted by colons");
    }

    private static void checkServerCertificate(FieldReader in, ServerTlsSettings tls) {
        if (!tls.credentialNames().isEmpty() || in.has("tlsCertificates")) {
            return;
        }
        for (String field : new String[] {"serverCertificate", "privateKey"}) {
            if (!in.has(field)) {
                in.error(field, "is required in mode " + tls.mode() + " without a credentialName");
            }
        }
    }

    private static void checkVersions(FieldReader in, ServerTlsSettings tls) {
        ProtocolVersion min = tls.minProtocolVersion();
        if (tls.maxProtocolVersion() != ProtocolVersion.TLS_AUTO && min.compareTo(tls.maxProtocolVersion()) > 0) {
            in.error("minProtocolVersion", "must not be above maxProtocolVersion");
        }
        boolean old = min == ProtocolVersion.TLSV1_0 || min == ProtocolVersion.TLSV1_1;
        if (old && tls.cipherSuites().isEmpty()) {
            in.warning("minProtocolVersion", "below TLSV1_2 needs cipherSuites: the default ones do not work with it");
        }
    }
}
