package io.meridian.compiler.translate;

import static io.meridian.compiler.translate.Specs.serverTls;
import static io.meridian.compiler.translate.Specs.unpack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayTlsTest {
    private static DownstreamTlsContext context(String yaml) {
        return unpack(GatewayTls.transportSocket(serverTls(yaml), true).getTypedConfig(), DownstreamTlsContext.class);
    }

    private static CommonTlsContext common(String yaml) {
        return context(yaml).getCommonTlsContext();
    }

    @Test
    void certificatesComeFromFiles() {
        CommonTlsContext common = common("mode: SIMPLE\nserverCertificate: /c.pem\nprivateKey: /k.pem");

        assertThat(common.getTlsCertificates(0).getCertificateChain().getFilename())
                .isEqualTo("/c.pem");
        assertThat(common.getTlsCertificates(0).getPrivateKey().getFilename()).isEqualTo("/k.pem");
        assertThat(common.getAlpnProtocolsList()).containsExactly("h2", "http/1.1");
        assertThat(common.hasTlsParams()).isFalse();
        assertThat(common.hasValidationContext()).isFalse();
    }

    @Test
    void certificatesComeFromSecretsByName() {
        CommonTlsContext common = common("mode: SIMPLE\ncredentialNames: [rsa, ecdsa]");

        assertThat(common.getTlsCertificateSdsSecretConfigsList())
                .extracting(SdsSecretConfig::getName)
                .containsExactly("kubernetes://rsa", "kubernetes://ecdsa");
        assertThat(common.getTlsCertificateSdsSecretConfigs(0).getSdsConfig().hasAds())
                .isTrue();
        assertThat(common.getTlsCertificateSdsSecretConfigs(0).getSdsConfig().hasInitialFetchTimeout())
                .as("a secret that is missing must not block the listener")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"SIMPLE, false", "MUTUAL, true", "OPTIONAL_MUTUAL, false"})
    void clientsNeedACertificateInMutualModes(String mode, boolean required) {
        DownstreamTlsContext context = context("mode: " + mode + "\ncredentialName: site");

        assertThat(context.getRequireClientCertificate().getValue()).isEqualTo(required);
        assertThat(context.getCommonTlsContext().hasCombinedValidationContext()).isEqualTo(!mode.equals("SIMPLE"));
    }

    @Test
    void clientsAreCheckedAgainstTheAuthoritiesOfTheSecret() {
        assertThat(common("mode: MUTUAL\ncredentialName: site\nsubjectAltNames: [a.example]")
                        .getCombinedValidationContext())
                .satisfies(combined -> {
                    assertThat(combined.getValidationContextSdsSecretConfig().getName())
                            .isEqualTo("kubernetes://site-cacert");
                    assertThat(combined.getDefaultValidationContext().getMatchTypedSubjectAltNamesList())
                            .isNotEmpty()
                            .allMatch(san -> san.getMatcher().getExact().equals("a.example"));
                });
        assertThat(common("mode: MUTUAL\nserverCertificate: /c\nprivateKey: /k\ncaCertificates: /ca")
                        .getValidationContext()
                        .getTrustedCa()
                        .getFilename())
                .isEqualTo("/ca");
    }

    @Test
    void theMeshsCertificatesServeIstioMutual() {
        assertThat(context("mode: ISTIO_MUTUAL")).satisfies(context -> {
            assertThat(context.getRequireClientCertificate().getValue()).isTrue();
            assertThat(context.getCommonTlsContext()
                            .getTlsCertificateSdsSecretConfigs(0)
                            .getName())
                    .isEqualTo("default");
        });
    }

    @Test
    void versionsAndCiphersAreNarrowed() {
        CommonTlsContext common = common("""
                mode: SIMPLE
                credentialName: site
                minProtocolVersion: TLSV1_2
                maxProtocolVersion: TLSV1_3
                cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384]
                """);

        assertThat(common.getTlsParams().getTlsMinimumProtocolVersion()).isEqualTo(TlsProtocol.TLSv1_2);
        assertThat(common.getTlsParams().getTlsMaximumProtocolVersion()).isEqualTo(TlsProtocol.TLSv1_3);
        assertThat(common.getTlsParams().getCipherSuitesList()).containsExactly("ECDHE-RSA-AES256-GCM-SHA384");
    }

    @Test
    void passthroughHasNoTlsOfItsOwn() {
        assertThatThrownBy(() -> GatewayTls.transportSocket(serverTls("mode: PASSTHROUGH"), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PASSTHROUGH");
    }
}
