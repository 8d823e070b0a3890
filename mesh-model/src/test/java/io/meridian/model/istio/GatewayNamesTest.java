package io.meridian.model.istio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayNamesTest {
    @ParameterizedTest
    @CsvSource({
        "public, shop/public",
        "./public, shop/public",
        "edge/public, edge/public",
        "public.edge, edge/public",
        "public.edge.svc.cluster.local, edge/public",
        "mesh, mesh"
    })
    void resolvesWhatIsWritten(String written, String meant) {
        assertThat(GatewayNames.resolve(written, "shop")).isEqualTo(meant);
    }

    @Test
    void aVirtualServiceMayNameItsOwnNamespaceByADot() {
        String spec = "{hosts: [a.example.com], gateways: ['%s'], http: [{route: [{destination: {host: a}}]}]}";
        assertThat(Specs.errors("VirtualService", spec.formatted("./public"))).isEmpty();
        assertThat(Specs.errors("VirtualService", spec.formatted("*/public")))
                .containsExactly(
                        "spec.gateways[0]: must be a Gateway's name, namespace/name or ./name, but is \"*/public\"");
    }
}
