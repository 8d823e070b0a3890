package io.meridian.model.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.Finding;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.model.manifest.Manifest;
import io.meridian.model.manifest.ManifestReader;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshCommand.Put;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

class IstioRulesTest {
    private static final String REVIEWS = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews}
        spec:
          hosts: [reviews]
          http: [{route: [{destination: {host: reviews, subset: v1}}]}]
        """;
    private static final String REVIEWS_RULE = """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: reviews}
        spec:
          host: reviews.default.svc.cluster.local
          subsets: [{name: v1, labels: {version: v1}}]
        """;

    private final IstioRules rules = new IstioRules();

    private static List<Put> puts(String yaml) {
        Manifest manifest = ManifestReader.read("f.yaml", yaml.getBytes(StandardCharsets.UTF_8), "default");
        assertThat(manifest.violations()).isEmpty();
        return manifest.puts().stream().map(Put.class::cast).toList();
    }

    private static MeshState state(String... manifests) {
        PSortedMap<ResourceKey, Resource> resources = TreePMap.empty();
        for (Put put : puts(String.join("---\n", manifests))) {
            Resource resource = new Resource(
                    put.key(), put.apiVersion(), put.labels(), put.annotations(), put.spec(), "u", Instant.EPOCH, 1, 1);
            resources = resources.plus(put.key(), resource);
        }
        MeshState empty = MeshState.empty(new MeshId("shop"));
        return new MeshState(
                empty.id(),
                empty.head(),
                empty.life(),
                empty.uid(),
                empty.spec(),
                empty.created(),
                empty.homeRegion(),
                empty.sealed(),
                empty.meshModifiedSeq(),
                empty.clusters(),
                empty.namespaces(),
                empty.ingressGateways()
                        .plus("edge", new MeshState.Entry<>(IngressGatewaySpec.getDefaultInstance(), Instant.EPOCH, 1)),
                resources,
                empty.applied(),
                empty.lineage(),
                empty.handover(),
                empty.successor(),
                empty.branches(),
                empty.membership());
    }

    /** "code field: message" of the findings on the last of the manifests, seen beside the others. */
    private List<String> findings(String... manifests) {
        return rules
                .findings(
                        state(manifests), puts(manifests[manifests.length - 1]).getFirst())
                .stream()
                .map(IstioRulesTest::text)
                .toList();
    }

    private static String text(Finding finding) {
        return finding.getCode() + " " + finding.getField() + ": " + finding.getMessage();
    }

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "apps/v1 | Deployment | APPLICATION_NOT_ALLOWED | kind | applications can't be deployed in the mesh's"
                        + " control plane",
                "v1 | Service | APPLICATION_NOT_ALLOWED | kind | data-plane clusters",
                "v1 | ConfigMap | APPLICATION_NOT_ALLOWED | kind | data-plane clusters",
                "networking.k8s.io/v1 | Ingress | APPLICATION_NOT_ALLOWED | kind | data-plane clusters",
                "security.istio.io/v1 | AuthorizationPolicy | UNKNOWN_KIND | kind | not supported by this version",
                "networking.istio.io/v1alpha3 | EnvoyFilter | UNKNOWN_KIND | kind | not supported by this version",
                "gateway.networking.k8s.io/v1 | Gateway | UNKNOWN_KIND | kind | not supported by this version",
                "example.com/v1 | Widget | UNKNOWN_KIND | kind | DestinationRule, Gateway, ServiceEntry, Sidecar,"
                        + " VirtualService, WorkloadEntry",
                "networking.istio.io/v2 | Gateway | UNSUPPORTED_VERSION | apiVersion | networking.istio.io/v1,"
                        + " networking.istio.io/v1beta1",
            })
    void kindsThatAreNotEnforcedAreRefused(
            String apiVersion, String kind, RejectionCode code, String field, String message) {
        Put put = puts("{apiVersion: %s, kind: %s, metadata: {name: a}, data: {x: y}}"
                        .formatted(apiVersion, kind)
                        .replace(
                                ", data: {x: y}",
                                apiVersion.startsWith("networking.istio.io/v2") ? "" : ", data: {x: y}"))
                .getFirst();

        assertThat(rules.violations(put)).singleElement().satisfies(violation -> {
            assertThat(violation.code()).isEqualTo(code);
            assertThat(violation.object()).isEqualTo(kind + " default/a");
            assertThat(violation.field()).isEqualTo(field);
            assertThat(violation.message()).contains(message);
            assertThat(violation.origin()).isEqualTo(new MeshCommand.Origin("f.yaml", 1));
        });
    }

    @Test
    void aGoodObjectHasNoViolation() {
        for (String version : List.of("v1", "v1beta1", "v1alpha3")) {
            Put put =
                    puts(REVIEWS.replace("istio.io/v1", "istio.io/" + version)).getFirst();

            assertThat(rules.violations(put)).isEmpty();
        }
    }

    @Test
    void namesLabelsAndSpecAreAllJudged() {
        Put put = puts("""
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: a.b, namespace: Shop, labels: {"-x": a, ok: "b c"}}
            spec: {}
            """).getFirst();

        assertThat(rules.violations(put))
                .extracting(Violation::field)
                .containsExactly(
                        "metadata.name",
                        "metadata.namespace",
                        "metadata.labels[-x]",
                        "metadata.labels[ok]",
                        "spec.servers");
    }

    @Test
    void aMissingSubsetIsAWarning() {
        assertThat(findings(REVIEWS_RULE, REVIEWS)).isEmpty();
        assertThat(findings(REVIEWS_RULE, REVIEWS.replace("subset: v1", "subset: v9")))
                .containsExactly("IST0101 spec.http[0].route[0].destination.subset: Referenced host+subset in"
                        + " destinationrule not found: \"reviews+v9\"");
    }

    @Test
    void deletingTheRuleOfASubsetWarnsOfWhatUsesIt() {
        var delete = new MeshCommand.Delete(
                puts(REVIEWS_RULE).getFirst().key(), MeshCommand.Origin.UNKNOWN, Optional.empty());

        assertThat(rules.findings(state(REVIEWS), delete)).singleElement().satisfies(finding -> {
            assertThat(finding.getObject()).isEqualTo("VirtualService default/reviews");
            assertThat(finding.getCode()).isEqualTo("IST0101");
        });
    }

    @Test
    void aMissingGatewayIsAWarning() {
        String service = REVIEWS.replace("hosts:", "gateways: [edge, mesh, other/inner]\n  hosts:")
                .replace(", subset: v1", "");

        assertThat(findings(service))
                .containsExactly(
                        "IST0101 spec.gateways[0]: Referenced gateway not found: \"default/edge\"",
                        "IST0101 spec.gateways[2]: Referenced gateway not found: \"other/inner\"");
    }

    @Test
    void aGatewayThatSelectsNoIngressGatewayIsAWarning() {
        String gateway = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              selector: {istio: LABEL}
              servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
            """;

        assertThat(findings(gateway.replace("LABEL", "ingressgateway"))).isEmpty();
        assertThat(findings(gateway.replace("LABEL", "other")))
                .containsExactly("IST0101 spec.selector: Referenced selector not found: \"istio=other\": no ingress"
                        + " gateway of the mesh has these labels");
    }

    @Test
    void twoVirtualServicesOfOneHostForSidecarsConflict() {
        String other = REVIEWS.replace("name: reviews", "name: more")
                .replace("hosts: [reviews]", "hosts: [reviews.default.svc.cluster.local]");

        assertThat(findings(REVIEWS_RULE, REVIEWS, other))
                .singleElement()
                .satisfies(finding -> assertThat(finding)
                        .startsWith("IST0109 spec.hosts[0]: The VirtualServices default/more, default/reviews"));
    }

    @Test
    void whatStandsBehindACatchAllIsUnreachable() {
        String service = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: a}
            spec:
              hosts: [a]
              http:
              - match: [{uri: {prefix: /x}}, {uri: {prefix: /x}}]
                route: [{destination: {host: a}}]
              - match: [{uri: {prefix: /x}}]
                route: [{destination: {host: b}}]
              - route: [{destination: {host: c}}]
              - match: [{uri: {prefix: /y}}]
                route: [{destination: {host: d}}]
            """;

        assertThat(findings(service))
                .containsExactly(
                        "IST0131 spec.http[0].match[1]: has no effect: http[0] has the same match before it",
                        "IST0130 spec.http[1]: is never used: all its matches stand in routes before it",
                        "IST0130 spec.http[3]: is never used: http[2] before it takes every request");
    }

    @Test
    void theWarningsOfASpecComeAsFindings() {
        String service = REVIEWS.replace(
                "[{destination: {host: reviews, subset: v1}}]",
                "[{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 1}]");

        assertThat(findings(service))
                .containsExactly("IST0133 spec.http[0].route: the weights sum to 2, not 100, and are taken as"
                        + " proportions: a 50.0 %, b 50.0 %");
    }

    @Test
    void hostsThatNothingProvidesAreFoundWithTheInventory() {
        String external = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: api}
            spec:
              hosts: ["*.example.com"]
              ports: [{number: 443, name: tls, protocol: TLS}]
            """;
        String service = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: a}
            spec:
              hosts: [a]
              http:
              - route: [{destination: {host: reviews}}]
                mirror: {host: api.example.com}
              - match: [{uri: {exact: /}}]
                route: [{destination: {host: reviewz}}]
            """;
        MeshState state = state(external, service);

        assertThat(Analysis.findings(
                        state,
                        Set.of("reviews.default.svc.cluster.local"),
                        state.resources().keySet()))
                .extracting(IstioRulesTest::text)
                .containsExactly("IST0101 spec.http[1].route[0].destination.host: Referenced host not found:"
                        + " \"reviewz\" (reviewz.default.svc.cluster.local)");
    }
}
